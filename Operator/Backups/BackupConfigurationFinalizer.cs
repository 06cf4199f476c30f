using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Repositories;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Finalizer;

namespace Granary.Operator.Backups;

/// <summary>
/// Removes what owner references do not reach: rights in the Repository's namespace, and the Repository's reference.
/// </summary>
internal sealed class BackupConfigurationFinalizer(RepositoryGrants grants, RepositoryLinks links)
    : IEntityFinalizer<BackupConfiguration>
{
    public async Task<ReconciliationResult<BackupConfiguration>> FinalizeAsync(
        BackupConfiguration entity,
        CancellationToken cancellationToken
    )
    {
        var invoker = BackupInvoker.Of(entity);
        await grants.RevokeAllAsync(entity, invoker.RepositoryNamespace, cancellationToken);
        await links.RemoveAsync(invoker.Repository.Name, invoker.RepositoryNamespace, entity, cancellationToken);
        return ReconciliationResult<BackupConfiguration>.Success(entity);
    }
}
