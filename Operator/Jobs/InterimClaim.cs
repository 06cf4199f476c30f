using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Operator.Cluster;
using k8s;
using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>
/// The claim for data on its way, made for one session and gone with it. PostgreSQL streams and needs none.
/// </summary>
internal static class InterimClaim
{
    public static V1PersistentVolumeClaim Build(
        IKubernetesObject<V1ObjectMeta> owner,
        PersistentVolumeClaimTemplate template
    ) =>
        new()
        {
            ApiVersion = "v1",
            Kind = V1PersistentVolumeClaim.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = ObjectNames.InterimClaim(owner.Metadata.Name, template.Metadata?.Name ?? "interim"),
                NamespaceProperty = owner.Metadata.NamespaceProperty,
                Labels = template.Metadata?.Labels,
                Annotations = template.Metadata?.Annotations,
                OwnerReferences = [Ownership.ControlledBy(owner)],
            },
            Spec = template.Spec,
        };
}
