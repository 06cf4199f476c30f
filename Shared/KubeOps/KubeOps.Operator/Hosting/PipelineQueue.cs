using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.Operator.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Operator.Hosting;

/// <summary>Makes the delegate by which code of the operator asks for reconciliations.</summary>
internal static class PipelineQueue
{
    /// <summary>Feeds the pipeline that is running, else the only one that the entity has.</summary>
    public static EntityQueue<TEntity> For<TEntity>(IServiceProvider services)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var pipelines = services.GetRequiredService<PipelineDirectory<TEntity>>();
        var metrics = services.GetService<OperatorMetrics>();
        return (entity, type, trigger, queueIn, retryCount, cancellationToken) =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return Task.FromResult(false);
            }

            var pipeline = ControllerPipeline<TEntity>.Current ?? pipelines.Only();
            var isScheduled = pipeline.Queue.Enqueue(entity, type, trigger, queueIn, retryCount);
            if (isScheduled)
            {
                metrics?.Enqueued(typeof(TEntity).Name, trigger);
            }
            else
            {
                metrics?.Discarded(typeof(TEntity).Name);
            }

            return Task.FromResult(isScheduled);
        };
    }
}

/// <summary>
/// All pipelines of an entity. A singleton, so that it outlives the scope in which a queue was asked for.
/// </summary>
internal sealed class PipelineDirectory<TEntity>(IServiceProvider root)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The pipeline that is meant when none is running.</summary>
    /// <exception cref="InvalidOperationException">There is not exactly one.</exception>
    public ControllerPipeline<TEntity> Only()
    {
        ControllerPipeline<TEntity>[] all = [.. root.GetServices<ControllerPipeline<TEntity>>()];
        return all.Length == 1
            ? all[0]
            : throw new InvalidOperationException(
                $"{typeof(TEntity).Name} has {all.Length} controllers; outside of a reconciliation it must be "
                    + "exactly one."
            );
    }
}
