using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Tasks;
using k8s.Autorest;

namespace Granary.Operator.Repositories;

/// <summary>How far the maintenance behind a session is.</summary>
/// <param name="Outcomes">What became of the actions; empty while the Job runs.</param>
/// <param name="Trouble">What holds it up; null when all is well.</param>
internal sealed record MaintenanceProgress(IReadOnlyList<ActionOutcome> Outcomes, string? Trouble = null);

/// <summary>Makes maintenance Jobs, follows them and clears them away.</summary>
internal sealed class MaintenanceJobs(
    References references,
    ChildObjects children,
    JobReader jobs,
    OperatorOptions options,
    TimeProvider time
)
{
    private readonly Limits _limits = Limits.Of(options);

    /// <summary>Makes the Job, or sees what became of it. May be repeated at will.</summary>
    /// <param name="session">The session behind which there is work to do.</param>
    /// <param name="invoker">Its invoker.</param>
    /// <param name="actions">What is still to be done; at least one.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<MaintenanceProgress> AdvanceAsync(
        BackupSession session,
        BackupInvoker invoker,
        IReadOnlyList<string> actions,
        CancellationToken cancellationToken
    )
    {
        var found = await references.ReadAsync(invoker.Namespace, invoker.Repository, [], [], cancellationToken);
        if (found.Repository is not { } repository)
        {
            var checks = found.Prerequisites;
            return checks.Repository.Finding == Finding.Unknown
                ? new MaintenanceProgress([], checks.Repository.Message)
                : Failed(actions, checks.Problems.Count > 0 ? checks.Problems[0] : checks.Repository.Message);
        }

        var job = await jobs.ObserveAsync(MaintenanceJob.NameFor(session), repository, cancellationToken);
        return job.State switch
        {
            JobState.Missing => await StartAsync(repository, session, invoker, actions, cancellationToken),
            JobState.Complete => Read(job, repository.Metadata.NamespaceProperty, actions),
            _ => Disruptions.Of(job, actions, time.GetUtcNow(), _limits) is { } lost
                ? Failed(actions, lost.Message)
                : new MaintenanceProgress([], job.Trouble?.Message),
        };
    }

    /// <summary>Clears away what is left of a session's maintenance; nothing is fine.</summary>
    public async Task RemoveAsync(BackupSession session, BackupInvoker invoker, CancellationToken cancellationToken)
    {
        if (RepositoryGrants.IsElsewhere(invoker.RepositoryNamespace, invoker.Namespace))
        {
            await jobs.StopAsync(MaintenanceJob.NameFor(session), invoker.RepositoryNamespace, cancellationToken);
        }
    }

    private static MaintenanceProgress Failed(IReadOnlyList<string> actions, string message) =>
        new([new ActionOutcome(actions[0], IsDone: false, message)]);

    private async Task<MaintenanceProgress> StartAsync(
        Repository repository,
        BackupSession session,
        BackupInvoker invoker,
        IReadOnlyList<string> actions,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var access = JobAccess.ForMaintenance(repository);
            await access.EnsureAsync(children, cancellationToken);
            var job = MaintenanceJob.Build(repository, session, invoker, actions, access.ServiceAccountName, options);
            await children.EnsureJobAsync(job, cancellationToken);
            return new MaintenanceProgress([]);
        }
        catch (Exception e) when (e is TaskResolutionException or ForeignObjectException)
        {
            return Failed(actions, e.Message);
        }
        catch (HttpOperationException e) when (ApiFailure.IsRefusal(e))
        {
            return Failed(actions, $"the API server refuses the maintenance Job: {ApiFailure.Describe(e)}");
        }
    }

    /// <summary>The sequence ends at the first failure; without one every action has to be reported.</summary>
    private static MaintenanceProgress Read(JobObservation job, string @namespace, IReadOnlyList<string> actions)
    {
        var outcomes = MaintenanceReport.Read(job.LastWords) ?? [];
        var untold = actions.FirstOrDefault(action => !outcomes.Any(outcome => outcome.Name == action));
        return untold is null || outcomes.Any(outcome => !outcome.IsDone)
            ? new MaintenanceProgress(outcomes)
            : Failed(
                [untold],
                $"Job {@namespace}/{job.Name} ended without a report of {untold}; its Pod's log says why"
            );
    }
}
