using System.Diagnostics;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Logging;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator.Metrics;
using KubeOps.Operator.Queue;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Watcher;

/// <summary>Puts changes that matter into the queue.</summary>
internal sealed class WatchIntake<TEntity>(
    TimedEntityQueue<TEntity> queue,
    IEntityLoggingScopeFactory<TEntity> scopes,
    OperatorMetrics? metrics,
    ActivitySource? activities,
    ILogger logger
)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Queues one change, due now.</summary>
    public Task TakeInAsync(TEntity entity, ReconciliationType type)
    {
        var context = ReconciliationContext<TEntity>.CreateFor(entity, type, ReconciliationTriggerSource.ApiServer);
        using var activity = activities?.StartActivity($"watch {typeof(TEntity).Name}");
        using var scope = logger.BeginScope(scopes.Create(context, EntityLoggingPhase.Watch));
        if (queue.Enqueue(entity, type, ReconciliationTriggerSource.ApiServer, TimeSpan.Zero, retryCount: 0))
        {
            metrics?.Enqueued(typeof(TEntity).Name, ReconciliationTriggerSource.ApiServer);
        }
        else
        {
            metrics?.Discarded(typeof(TEntity).Name);
        }

        return Task.CompletedTask;
    }
}
