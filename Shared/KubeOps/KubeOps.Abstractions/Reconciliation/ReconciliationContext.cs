using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>What happened to an object.</summary>
public enum ReconciliationType
{
    /// <summary>It is new, or seen for the first time.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone.</summary>
    Deleted,
}

/// <summary>Who asks for a reconciliation.</summary>
public enum ReconciliationTriggerSource
{
    /// <summary>A watch event.</summary>
    ApiServer,

    /// <summary>The operator itself: a requeue, a retry, another controller.</summary>
    Operator,
}

/// <summary>One reconciliation to do.</summary>
public sealed record ReconciliationContext<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationContext(TEntity entity, ReconciliationType eventType, ReconciliationTriggerSource source)
    {
        Entity = entity;
        EventType = eventType;
        ReconciliationTriggerSource = source;
    }

    /// <summary>The object.</summary>
    public TEntity Entity { get; }

    /// <summary>What happened to it.</summary>
    public ReconciliationType EventType { get; }

    /// <summary>Who asks.</summary>
    public ReconciliationTriggerSource ReconciliationTriggerSource { get; }

    /// <summary>Makes a context.</summary>
    public static ReconciliationContext<TEntity> CreateFor(
        TEntity entity,
        ReconciliationType eventType,
        ReconciliationTriggerSource reconciliationTriggerSource
    ) => new(entity, eventType, reconciliationTriggerSource);
}

/// <summary>Carries out one reconciliation: controller, finalizers and their bookkeeping.</summary>
public interface IReconciler<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Reconciles.</summary>
    Task<ReconciliationResult<TEntity>> Reconcile(
        ReconciliationContext<TEntity> reconciliationContext,
        CancellationToken cancellationToken
    );
}
