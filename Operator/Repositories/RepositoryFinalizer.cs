using Granary.Api.Stash.V1Alpha1;
using Granary.Operator.Cluster;
using Granary.Operator.Jobs;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Repositories;

/// <summary>
/// Lets a Repository go. Its data stays, unless <c>wipeOut</c> asks for more than this release does: then it waits and
/// says so. A namespace that is being deleted does not wait: its data stays, and the log says where.
/// </summary>
internal sealed class RepositoryFinalizer(
    IKubernetesClient client,
    RepositoryGrants grants,
    StatusWriter status,
    TimeProvider time,
    ILogger<RepositoryFinalizer> log
) : IEntityFinalizer<Repository>
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    public async Task<ReconciliationResult<Repository>> FinalizeAsync(
        Repository entity,
        CancellationToken cancellationToken
    )
    {
        await grants.SweepAsync(entity, cancellationToken);
        if (!entity.Spec.WipeOut)
        {
            return ReconciliationResult<Repository>.Success(entity);
        }

        var @namespace = entity.Metadata.NamespaceProperty;
        var home = await client.GetAsync<V1Namespace>(@namespace, cancellationToken: cancellationToken);
        if (home?.Metadata.DeletionTimestamp is not null)
        {
            log.WipeOutLeft(@namespace, entity.Metadata.Name);
            return ReconciliationResult<Repository>.Success(entity);
        }

        const string message =
            "spec.wipeOut asks to delete the stored data, which is not supported yet; set it to false to keep the data"
            + " and let the object go";
        var draft = StatusWriter.Draft(entity);
        Readiness.Set(
            entity.Status.Conditions,
            isReady: false,
            "WipeOutNotSupported",
            message,
            entity.Metadata.Generation,
            time.GetUtcNow()
        );
        await status.WriteAsync(draft, cancellationToken);
        return ReconciliationResult<Repository>.Failure(entity, message, requeueAfter: LookAgain);
    }
}
