using k8s.Models;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>How a list of a built-in type is merged.</summary>
/// <param name="PatchMergeKey">
/// Key for strategic merge patch; <c>""</c> for a list of plain values; null replaces the list.
/// </param>
/// <param name="ListType">How server-side apply sees the list.</param>
/// <param name="ListMapKeys">Keys of its items, for lists of type <c>map</c>.</param>
internal sealed record ListMerge(string? PatchMergeKey, string ListType, IReadOnlyList<string> ListMapKeys);

/// <summary>
/// Merge keys of the lists in built-in types. Source: API reference, "patch strategy" and "list type" of each field.
/// </summary>
internal static class MergeKeys
{
    private static readonly Dictionary<(Type, string), ListMerge> Lists = new()
    {
        [(typeof(V1ObjectMeta), "ownerReferences")] = Map("uid"),
        [(typeof(V1ObjectMeta), "finalizers")] = Set(),
        [(typeof(V1PodSpec), "volumes")] = Map("name"),
        [(typeof(V1PodSpec), "containers")] = Map("name"),
        [(typeof(V1PodSpec), "initContainers")] = Map("name"),
        [(typeof(V1PodSpec), "ephemeralContainers")] = Map("name"),
        [(typeof(V1PodSpec), "imagePullSecrets")] = Map("name"),
        [(typeof(V1PodSpec), "hostAliases")] = Map("ip"),
        [(typeof(V1PodSpec), "topologySpreadConstraints")] = new(
            "topologyKey",
            "map",
            ["topologyKey", "whenUnsatisfiable"]
        ),
        [(typeof(V1PodSpec), "resourceClaims")] = Map("name"),
        [(typeof(V1PodSpec), "schedulingGates")] = Map("name"),
        [(typeof(V1PodStatus), "conditions")] = Map("type"),
        [(typeof(V1PodStatus), "podIPs")] = Map("ip"),
        [(typeof(V1PodStatus), "hostIPs")] = new("ip", "atomic", []),
        [(typeof(V1Container), "env")] = Map("name"),
        [(typeof(V1Container), "ports")] = new("containerPort", "map", ["containerPort", "protocol"]),
        [(typeof(V1Container), "volumeMounts")] = Map("mountPath"),
        [(typeof(V1Container), "volumeDevices")] = Map("devicePath"),
        [(typeof(V1ProjectedVolumeSource), "sources")] = new(null, "atomic", []),
        [(typeof(V1ServiceSpec), "ports")] = new("port", "map", ["port", "protocol"]),
        [(typeof(V1ServiceStatus), "conditions")] = Map("type"),
        [(typeof(V1ServiceAccount), "secrets")] = Map("name"),
        [(typeof(V1NodeSpec), "podCIDRs")] = Set(),
        [(typeof(V1NodeStatus), "conditions")] = Map("type"),
        [(typeof(V1NodeStatus), "addresses")] = new("type", "map", ["type"]),
        [(typeof(V1NamespaceStatus), "conditions")] = Map("type"),
        [(typeof(V1PersistentVolumeClaimStatus), "conditions")] = Map("type"),
        [(typeof(V1PersistentVolumeClaimSpec), "accessModes")] = new(null, "atomic", []),
        [(typeof(V1JobStatus), "conditions")] = new("type", "atomic", []),
        [(typeof(V1DeploymentStatus), "conditions")] = Map("type"),
        [(typeof(V1ReplicaSetStatus), "conditions")] = Map("type"),
        [(typeof(V1StatefulSetStatus), "conditions")] = Map("type"),
        [(typeof(V1DaemonSetStatus), "conditions")] = Map("type"),
        [(typeof(V1ValidatingWebhookConfiguration), "webhooks")] = Map("name"),
        [(typeof(V1MutatingWebhookConfiguration), "webhooks")] = Map("name"),
        [(typeof(V1CustomResourceDefinitionStatus), "conditions")] = new(null, "map", ["type"]),
        [(typeof(V1ObjectMeta), "managedFields")] = new(null, "atomic", []),
    };

    public static ListMerge? Of(Type owner, string field) => Lists.GetValueOrDefault((owner, field));

    private static ListMerge Map(string key) => new(key, "map", [key]);

    private static ListMerge Set() => new(string.Empty, "set", []);
}
