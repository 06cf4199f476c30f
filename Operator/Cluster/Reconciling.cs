using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;

namespace Granary.Operator.Cluster;

/// <summary>What every reconcile has in common.</summary>
internal static class Reconciling
{
    private static readonly TimeSpan AfterConflict = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// Runs a reconcile. A conflict means that somebody else wrote meanwhile, most often the worker: nothing is lost,
    /// the next run reads what is there now. Everything else flies on to the queue, which tries again with growing
    /// delays.
    /// </summary>
    public static async Task<ReconciliationResult<TEntity>> RunAsync<TEntity>(
        TEntity entity,
        ILogger log,
        Func<Task<ReconciliationResult<TEntity>>> reconcile
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return await reconcile();
        }
        catch (HttpOperationException e) when (StatusWriter.IsConflict(e))
        {
            log.WriteConflict(typeof(TEntity).Name, entity.Metadata.NamespaceProperty, entity.Metadata.Name);
            return ReconciliationResult<TEntity>.Success(entity, AfterConflict);
        }
    }
}
