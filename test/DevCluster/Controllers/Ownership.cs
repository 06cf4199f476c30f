using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers;

/// <summary>Controller references.</summary>
internal static class Ownership
{
    /// <summary>The reference that makes <paramref name="owner"/> the controller of what it creates.</summary>
    public static V1OwnerReference Of(IKubernetesObject<V1ObjectMeta> owner, ResourceType type) =>
        new()
        {
            ApiVersion = type.ApiVersion,
            Kind = type.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };

    public static V1OwnerReference? Controller(this IKubernetesObject<V1ObjectMeta> item) =>
        item.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true);

    public static bool IsControlledBy(
        this IKubernetesObject<V1ObjectMeta> item,
        IKubernetesObject<V1ObjectMeta> owner
    ) => item.Controller()?.Uid == owner.Metadata.Uid;

    public static (string Namespace, string Name) Key(this IKubernetesObject<V1ObjectMeta> item) =>
        (item.Metadata.NamespaceProperty ?? "", item.Metadata.Name);

    /// <summary>The value of a label or an annotation; null when there is none.</summary>
    public static string? Get(this IDictionary<string, string>? map, string key) =>
        map is not null && map.TryGetValue(key, out var value) ? value : null;

    public static T Copy<T>(this T item)
        where T : class => KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(item));
}
