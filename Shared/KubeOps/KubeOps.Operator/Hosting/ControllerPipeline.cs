using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator.Queue;
using KubeOps.Operator.Watcher;

namespace KubeOps.Operator.Hosting;

/// <summary>Everything that one controller registration consists of at run time.</summary>
internal sealed class ControllerPipeline<TEntity>(
    string name,
    TimedEntityQueue<TEntity> queue,
    QueueConsumer<TEntity> consumer,
    EntityWatcher<TEntity> watcher
) : IDisposable
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private static readonly AsyncLocal<ControllerPipeline<TEntity>?> Ambient = new();

    /// <summary>The pipeline that the calling code is reconciled by, if any.</summary>
    public static ControllerPipeline<TEntity>? Current => Ambient.Value;

    /// <summary>Controller and entity.</summary>
    public string Name => name;

    /// <summary>What waits.</summary>
    public TimedEntityQueue<TEntity> Queue => queue;

    /// <summary>What reconciles.</summary>
    public QueueConsumer<TEntity> Consumer => consumer;

    /// <summary>What follows the API server.</summary>
    public EntityWatcher<TEntity> Watcher => watcher;

    /// <summary>Marks the calling flow as being reconciled by this pipeline.</summary>
    public void Enter() => Ambient.Value = this;

    /// <inheritdoc />
    public void Dispose() => queue.Dispose();
}

/// <summary>Marks the flow of a reconciliation, so that <c>EntityQueue</c> feeds the pipeline that runs.</summary>
internal sealed class AmbientReconciler<TEntity>(IReconciler<TEntity> inner, Func<ControllerPipeline<TEntity>> pipeline)
    : IReconciler<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc />
    public async Task<ReconciliationResult<TEntity>> Reconcile(
        ReconciliationContext<TEntity> reconciliationContext,
        CancellationToken cancellationToken
    )
    {
        pipeline().Enter();
        return await inner.Reconcile(reconciliationContext, cancellationToken);
    }
}
