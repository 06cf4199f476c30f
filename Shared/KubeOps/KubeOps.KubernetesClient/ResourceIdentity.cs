using System.Collections.Concurrent;
using System.Reflection;
using k8s.Models;

namespace KubeOps.KubernetesClient;

/// <summary>
/// Where a resource type lives in the API: what <see cref="KubernetesEntityAttribute" /> says about its class.
/// </summary>
internal sealed record ResourceIdentity(string Group, string Version, string Kind, string Plural)
{
    private static readonly ConcurrentDictionary<Type, ResourceIdentity> Known = new();

    /// <summary>group/version, or the version alone in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The identity of a class.</summary>
    /// <exception cref="ArgumentException">The class itself does not carry the attribute.</exception>
    public static ResourceIdentity Of<TEntity>() => Of(typeof(TEntity));

    /// <inheritdoc cref="Of{TEntity}" />
    public static ResourceIdentity Of(Type type) => Known.GetOrAdd(type, Read);

    /// <summary>Forgets what was read.</summary>
    public static void Clear() => Known.Clear();

    /// <summary>Path of the collection, relative to the server's address.</summary>
    public string CollectionPath(string? @namespace)
    {
        var root = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        return @namespace is null
            ? $"{root}/{Plural}"
            : $"{root}/namespaces/{Uri.EscapeDataString(@namespace)}/{Plural}";
    }

    private static ResourceIdentity Read(Type type)
    {
        var attribute = type.GetCustomAttribute<KubernetesEntityAttribute>(inherit: false)
            ?? throw new ArgumentException(
                $"The class {type} does not carry [KubernetesEntity], so its resource is unknown.",
                nameof(type)
            );
        var kind = string.IsNullOrWhiteSpace(attribute.Kind) ? type.Name : attribute.Kind;
        return new ResourceIdentity(
            attribute.Group ?? string.Empty,
            string.IsNullOrWhiteSpace(attribute.ApiVersion) ? "v1" : attribute.ApiVersion,
            kind,
            (string.IsNullOrWhiteSpace(attribute.PluralName) ? kind + "s" : attribute.PluralName).ToLowerInvariant()
        );
    }
}
