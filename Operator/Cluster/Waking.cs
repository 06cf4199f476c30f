using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;

namespace Granary.Operator.Cluster;

/// <summary>Has an object looked at because of another one.</summary>
internal static class Waking
{
    /// <summary>Has the object looked at at once, as if it had changed.</summary>
    public static Task WakeAsync<TEntity>(
        this EntityQueue<TEntity> queue,
        TEntity entity,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        queue(
            entity,
            ReconciliationType.Modified,
            ReconciliationTriggerSource.Operator,
            TimeSpan.Zero,
            0,
            cancellationToken
        );
}
