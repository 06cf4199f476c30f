using k8s;
using k8s.Models;

namespace Granary.Operator.Cluster;

/// <summary>Owner references: what goes when its owner goes.</summary>
internal static class Ownership
{
    /// <summary>The reference of the one owner that controls the object.</summary>
    /// <remarks>Not blocking the owner's deletion: that would take the right to write its finalizers.</remarks>
    public static V1OwnerReference ControlledBy(IKubernetesObject<V1ObjectMeta> owner) =>
        new()
        {
            ApiVersion = owner.ApiVersion,
            Kind = owner.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid,
            Controller = true,
        };

    public static bool IsOwnedBy(IMetadata<V1ObjectMeta> child, IKubernetesObject<V1ObjectMeta> owner) =>
        child.Metadata.OwnerReferences?.Any(reference => reference.Uid == owner.Metadata.Uid) == true;
}
