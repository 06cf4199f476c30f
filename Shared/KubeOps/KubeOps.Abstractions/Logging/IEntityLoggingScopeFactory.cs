using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;

namespace KubeOps.Abstractions.Logging;

/// <summary>Makes the fields of the logging scope around work on an entity.</summary>
public interface IEntityLoggingScopeFactory<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// EventType, ReconciliationTriggerSource, Kind, Namespace, Name, Uid, ResourceVersion and what enrichers add.
    /// </summary>
    IReadOnlyCollection<KeyValuePair<string, object>> Create(
        ReconciliationContext<TEntity> context,
        EntityLoggingPhase phase
    );
}
