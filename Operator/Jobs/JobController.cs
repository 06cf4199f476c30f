using Granary.Api;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Cluster;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.KubernetesClient;
using KubeOps.KubernetesClient.Selectors;

namespace Granary.Operator.Jobs;

/// <summary>
/// Brings the news of Jobs to the sessions that own them, and clears away trigger Jobs that have done their work.
/// </summary>
[GenericRbac(
    Groups = ["batch"],
    Resources = ["jobs"],
    Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Delete
)]
[GenericRbac(Groups = [""], Resources = ["pods", "events"], Verbs = RbacVerb.List)]
[GenericRbac(Groups = [""], Resources = ["nodes"], Verbs = RbacVerb.Get)]
[LabelSelector(typeof(OwnJobs))]
internal sealed class JobController(
    IKubernetesClient client,
    JobReader jobs,
    EntityQueue<BackupSession> backups,
    EntityQueue<RestoreSession> restores,
    EntityQueue<BackupConfiguration> configurations,
    OperatorOptions options,
    TimeProvider time,
    ILogger<JobController> log
) : IEntityController<V1Job>
{
    public async Task<ReconciliationResult<V1Job>> ReconcileAsync(V1Job entity, CancellationToken cancellationToken)
    {
        if (entity.GetLabel(Labels.DeleteJobOnCompletion) == "true")
        {
            return await LookAtTriggerAsync(entity, cancellationToken);
        }

        await TellOwnerAsync(entity, cancellationToken);
        return ReconciliationResult<V1Job>.Success(entity);
    }

    /// <summary>
    /// One that has failed, or does not get started, is news for its configuration: nobody else looks at it.
    /// </summary>
    private async Task<ReconciliationResult<V1Job>> LookAtTriggerAsync(V1Job job, CancellationToken cancellationToken)
    {
        await ClearAsync(job, cancellationToken);
        var isOver =
            job.Status?.Conditions?.Any(one => one is { Type: "Complete" or "Failed", Status: "True" }) == true;
        var age = time.GetUtcNow().UtcDateTime - (job.Metadata.CreationTimestamp ?? DateTime.UnixEpoch);
        if (isOver || age >= options.StartupPatience)
        {
            await TellConfigurationAsync(job, cancellationToken);
        }

        return ReconciliationResult<V1Job>.Success(job, isOver ? null : options.StartupPatience);
    }

    private async Task TellConfigurationAsync(V1Job job, CancellationToken cancellationToken)
    {
        var @namespace = job.Metadata.NamespaceProperty;
        if (
            Controller(job) is { Kind: V1CronJob.KubeKind } owner
            && await client.GetAsync<V1CronJob>(owner.Name, @namespace, cancellationToken) is { } cronJob
            && Controller(cronJob) is { Kind: Kinds.BackupConfiguration } invoker
            && await client.GetAsync<BackupConfiguration>(invoker.Name, @namespace, cancellationToken) is { } found
        )
        {
            await configurations.WakeAsync(found, cancellationToken);
        }
    }

    private static V1OwnerReference? Controller(IMetadata<V1ObjectMeta> entity) =>
        entity.Metadata.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);

    /// <summary>A Job that vanishes is news as well: its session is not going to hear from it.</summary>
    public async Task<ReconciliationResult<V1Job>> DeletedAsync(V1Job entity, CancellationToken cancellationToken)
    {
        await TellOwnerAsync(entity, cancellationToken);
        return ReconciliationResult<V1Job>.Success(entity);
    }

    /// <summary>Failed trigger Jobs stay for a person to look at, up to the CronJob's own limit.</summary>
    private async Task ClearAsync(V1Job job, CancellationToken cancellationToken)
    {
        if (job.Status?.Conditions?.Any(condition => condition is { Type: "Complete", Status: "True" }) == true)
        {
            await jobs.StopAsync(job.Metadata.Name, job.Metadata.NamespaceProperty, cancellationToken);
            log.TriggerJobDeleted(job.Metadata.NamespaceProperty, job.Metadata.Name);
        }
    }

    private async Task TellSessionAsync(string name, string @namespace, CancellationToken cancellationToken)
    {
        if (
            DnsName.IsSubdomain(name)
            && DnsName.IsLabel(@namespace)
            && await client.GetAsync<BackupSession>(name, @namespace, cancellationToken) is { } session
        )
        {
            await backups.WakeAsync(session, cancellationToken);
        }
    }

    private async Task TellOwnerAsync(V1Job job, CancellationToken cancellationToken)
    {
        if (job.GetAnnotation(Annotations.ServedSession)?.Split('/') is [var home, var served])
        {
            await TellSessionAsync(served, home, cancellationToken);
            return;
        }

        var owner = Controller(job);
        var @namespace = job.Metadata.NamespaceProperty;
        switch (owner?.Kind)
        {
            case Kinds.BackupSession:
                await TellSessionAsync(owner.Name, @namespace, cancellationToken);
                break;
            case Kinds.RestoreSession
                when await client.GetAsync<RestoreSession>(owner.Name, @namespace, cancellationToken) is { } restore:
                await restores.WakeAsync(restore, cancellationToken);
                break;
            default:
                break;
        }
    }
}

/// <summary>Jobs that this operator, or a CronJob of its making, created.</summary>
internal sealed class OwnJobs : IEntityLabelSelector<V1Job>
{
    public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<string?>(new EqualsLabelSelector(Labels.ManagedBy, Labels.ManagedByStash));
}
