using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Reconciliation;

/// <summary>One reconciliation: reads the object, and lets controller or finalizer do their part of its life.</summary>
internal sealed class Reconciler<TEntity>(
    Type controllerType,
    IServiceScopeFactory scopes,
    IKubernetesClient client,
    OperatorSettings settings,
    IEnumerable<FinalizerRegistration<TEntity>> finalizers,
    ILogger logger
) : IReconciler<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private readonly string[] _identifiers = [.. finalizers.Select(finalizer => finalizer.Identifier).Distinct()];

    /// <inheritdoc />
    public async Task<ReconciliationResult<TEntity>> Reconcile(
        ReconciliationContext<TEntity> reconciliationContext,
        CancellationToken cancellationToken
    )
    {
        await using var scope = scopes.CreateAsyncScope();
        var snapshot = reconciliationContext.Entity;
        if (reconciliationContext.EventType == ReconciliationType.Deleted)
        {
            return await Controller(scope).DeletedAsync(snapshot, cancellationToken);
        }

        var entity = await client.GetAsync<TEntity>(snapshot.Name(), snapshot.Namespace(), cancellationToken);
        if (entity is null)
        {
            logger.GoneBeforeReconciliation(snapshot.ToIdentifierString());
            return ReconciliationResult<TEntity>.Success(snapshot);
        }

        if (entity.DeletionTimestamp() is not null)
        {
            return await FinalizeAsync(scope, entity, cancellationToken);
        }

        if (settings.AutoAttachFinalizers && await AttachAsync(entity, cancellationToken) is var attached)
        {
            if (attached is null)
            {
                // It went while it was being prepared; the watch tells the rest.
                return ReconciliationResult<TEntity>.Success(entity);
            }

            entity = attached;
        }

        return await Controller(scope).ReconcileAsync(entity, cancellationToken);
    }

    private IEntityController<TEntity> Controller(AsyncServiceScope scope) =>
        (IEntityController<TEntity>)scope.ServiceProvider.GetRequiredService(controllerType);

    private async Task<TEntity?> AttachAsync(TEntity entity, CancellationToken cancellationToken)
    {
        var missing = _identifiers.Except(entity.Finalizers() ?? []).ToList();
        if (missing.Count == 0)
        {
            return entity;
        }

        var attached = await FinalizerPatch.AttachAsync(client, entity, missing, cancellationToken);
        if (attached is not null)
        {
            logger.FinalizersAttached(string.Join(", ", missing), entity.ToIdentifierString());
        }

        return attached;
    }

    private async Task<ReconciliationResult<TEntity>> FinalizeAsync(
        AsyncServiceScope scope,
        TEntity entity,
        CancellationToken cancellationToken
    )
    {
        // Ours may stand behind finalizers of others, which have their own time.
        var identifier = (entity.Finalizers() ?? []).FirstOrDefault(_identifiers.Contains);
        if (identifier is null)
        {
            logger.NoOwnFinalizer(entity.ToIdentifierString());
            return ReconciliationResult<TEntity>.Success(entity);
        }

        var finalizer = scope.ServiceProvider.GetRequiredKeyedService<IEntityFinalizer<TEntity>>(identifier);
        var result = await finalizer.FinalizeAsync(entity, cancellationToken);
        if (!result.IsSuccess || !settings.AutoDetachFinalizers)
        {
            return result;
        }

        // The work is done. Stopping between it and its record would do it twice, so this is not cancelled.
        var detached = await FinalizerPatch.DetachAsync(client, result.Entity, identifier, CancellationToken.None);
        logger.FinalizerDetached(identifier, entity.ToIdentifierString());
        return ReconciliationResult<TEntity>.Success(detached ?? result.Entity, result.RequeueAfter);
    }
}
