using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Queue;

/// <summary>Asks for a reconciliation of an object.</summary>
/// <returns>
/// True when it is scheduled; false when it was dropped, because the token is cancelled or leadership is lost.
/// </returns>
/// <exception cref="InvalidOperationException">
/// The object has no name, or no single controller is meant: outside of a reconciliation the entity must have exactly
/// one. </exception>
public delegate Task<bool> EntityQueue<in TEntity>(
    TEntity entity,
    ReconciliationType type,
    ReconciliationTriggerSource reconciliationTriggerSource,
    TimeSpan queueIn,
    int retryCount,
    CancellationToken cancellationToken
)
    where TEntity : IKubernetesObject<V1ObjectMeta>;
