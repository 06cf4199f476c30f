using k8s;
using k8s.Models;

namespace KubeOps.Operator.Logging;

/// <summary>Short texts that tell objects apart in logs.</summary>
public static class KubernetesObjectExtensions
{
    /// <summary><c>Kind/name (UID: …)</c>.</summary>
    public static string ToIdentifierString(this IKubernetesObject<V1ObjectMeta> entity) =>
        Identifier(entity.Kind ?? entity.GetType().Name, entity.Metadata?.Name, entity.Metadata?.Uid);

    /// <summary><c>Kind/name (UID: …)</c>.</summary>
    public static string ToIdentifierString(this V1ObjectReference reference) =>
        Identifier(reference.Kind, reference.Name, reference.Uid);

    /// <summary><c>Kind/name (UID: …)</c>.</summary>
    public static string ToIdentifierString(this V1OwnerReference reference) =>
        Identifier(reference.Kind, reference.Name, reference.Uid);

    private static string Identifier(string? kind, string? name, string? uid) => $"{kind}/{name} (UID: {uid})";
}
