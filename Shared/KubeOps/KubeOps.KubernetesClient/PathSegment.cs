using k8s;
using k8s.Models;

namespace KubeOps.KubernetesClient;

/// <summary>Names as segments of a request's path. The official client puts them there as they are.</summary>
/// <remarks>
/// Kubernetes takes no name that is <c>.</c> or <c>..</c> or has a slash or percent sign, so no object has one; a
/// namespace is a DNS label. A name that comes from a user may be a path, with a query, to anywhere in the API.
/// </remarks>
internal static class PathSegment
{
    private const int MaxName = 253;
    private const int MaxNamespace = 63;

    /// <summary>Whether an object can have this name in this namespace; none is for cluster-wide kinds.</summary>
    public static bool CanExist(string? name, string? @namespace) => IsName(name) && IsNamespace(@namespace);

    /// <summary>The name, escaped.</summary>
    /// <exception cref="ArgumentException">No object can have it; no request is made.</exception>
    public static string Name(string? name) =>
        IsName(name)
            ? Uri.EscapeDataString(name!)
            : throw new ArgumentException($"\"{Shown(name)}\" cannot be the name of an object.", nameof(name));

    /// <summary>The namespace.</summary>
    /// <exception cref="ArgumentException">It cannot be one; no request is made.</exception>
    public static string Namespace(string @namespace) =>
        IsNamespace(@namespace)
            ? Uri.EscapeDataString(@namespace)
            : throw new ArgumentException(
                $"\"{Shown(@namespace)}\" cannot be the name of a namespace.",
                nameof(@namespace)
            );

    /// <summary>The answer, if it is the object that was asked for.</summary>
    /// <exception cref="InvalidDataException">Its kind, namespace or name is another one.</exception>
    public static TEntity Expect<TEntity>(TEntity answer, string name, string? @namespace)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceIdentity.Of<TEntity>().Kind;
        var isKind = string.IsNullOrEmpty(answer.Kind) || answer.Kind == kind;
        var isPlace = string.IsNullOrWhiteSpace(@namespace) || answer.Metadata?.NamespaceProperty == @namespace;
        return isKind && isPlace && answer.Metadata?.Name == name
            ? answer
            : throw new InvalidDataException(
                $"Asked for {kind} {@namespace}/{name}, the API server answered with {answer.Kind} "
                    + $"{answer.Metadata?.NamespaceProperty}/{answer.Metadata?.Name}."
            );
    }

    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= MaxName } and not ("." or "..")
        && !name.AsSpan().ContainsAny('/', '%')
        && !name.Any(char.IsControl);

    private static bool IsNamespace(string? name) =>
        string.IsNullOrWhiteSpace(name)
        || (
            name.Length <= MaxNamespace
            && name.All(one => char.IsAsciiLetterLower(one) || char.IsAsciiDigit(one) || one == '-')
            && name[0] != '-'
            && name[^1] != '-'
        );

    private static string Shown(string? text) => text is { Length: > 60 } ? text[..60] + "…" : text ?? "";
}
