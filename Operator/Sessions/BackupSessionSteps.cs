using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Metrics;
using Granary.Operator.Backups;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Monitoring;
using Granary.Operator.Repositories;
using k8s.Autorest;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Sessions;

/// <summary>
/// Carries out what <see cref="SessionPlan"/> decided. Each step may be repeated after a crash anywhere in it.
/// </summary>
internal sealed class BackupSessionSteps(
    IKubernetesClient client,
    BackupInvokers invokers,
    JobStarter starter,
    MaintenanceJobs maintenance,
    StatusWriter status,
    Pushgateway pushgateway,
    OperatorOptions options,
    TimeProvider time,
    ILogger<BackupSessionSteps> log
)
{
    /// <summary>Enters the members into the status, and only then makes their Jobs, which read it.</summary>
    public async Task StartAsync(
        StatusDraft<BackupSession> draft,
        BackupInvoker invoker,
        IReadOnlyList<BackupMember> members,
        CancellationToken cancellationToken
    )
    {
        var session = draft.Entity;
        if (members.Count == 0)
        {
            return;
        }

        foreach (var member in members)
        {
            SessionStatus.Enter(session, invoker, member);
        }

        SessionStatus.Conclude(session, options, time.GetUtcNow());
        await status.WriteAsync(draft, cancellationToken);
        foreach (var member in members)
        {
            var job = BackupJob.For(session, invoker, member);
            var failure = await starter.StartAsync(job, cancellationToken);
            SessionStatus.Started(SessionStatus.Enter(session, invoker, member), failure, time.GetUtcNow());
            if (failure is null)
            {
                log.JobEnsured(invoker.Namespace, job.Name, Kinds.BackupSession, session.Metadata.Name);
            }
            else
            {
                log.JobRefused(invoker.Namespace, job.Name, Kinds.BackupSession, session.Metadata.Name, failure);
            }
        }
    }

    /// <summary>Takes away what the session's Jobs had only while they ran.</summary>
    public async Task ReleaseAsync(BackupSession session, BackupInvoker invoker, CancellationToken cancellationToken)
    {
        foreach (var member in invoker.Members)
        {
            var job = ObjectNames.BackupJob(session.Metadata.Name, member.Index);
            await starter.ReleaseAsync(job, invoker.Namespace, invoker.RepositoryNamespace, cancellationToken);
        }

        await maintenance.RemoveAsync(session, invoker, cancellationToken);
    }

    /// <summary>Has the Repository of another namespace looked after there, and notes what became of it.</summary>
    /// <returns>What holds it up; null when all is well.</returns>
    public async Task<string?> MaintainAsync(
        BackupSession session,
        BackupInvoker invoker,
        IReadOnlyList<string> actions,
        CancellationToken cancellationToken
    )
    {
        var progress = await maintenance.AdvanceAsync(session, invoker, actions, cancellationToken);
        foreach (var outcome in progress.Outcomes)
        {
            if (BackupActions.Find(outcome.Name) is { } action)
            {
                session.Status.Conditions.Set(
                    action.Condition,
                    outcome.IsDone,
                    action.Reason(outcome.IsDone),
                    outcome.Message,
                    time.GetUtcNow()
                );
            }
        }

        return progress.Trouble;
    }

    public void Disrupt(BackupSession session, IReadOnlyList<SessionPlan.LostMember> disrupted)
    {
        foreach (var (member, disruption) in disrupted)
        {
            if (SessionPlan.StatusOf(session.Status, member) is { } target)
            {
                SessionStatus.Disrupted(target, member, disruption.Message, time.GetUtcNow());
            }
        }
    }

    public void Expire(BackupSession session, BackupInvoker invoker, SessionPlan.Expire expire)
    {
        var now = time.GetUtcNow();
        session.Status.Conditions.Set(
            ConditionTypes.DeadlineExceeded,
            true,
            ConditionReasons.FailedToCompleteWithinDeadline,
            expire.Message,
            now
        );
        foreach (var member in expire.Unfinished)
        {
            SessionStatus.Disrupted(
                SessionStatus.Enter(session, invoker, member),
                member,
                $"stopped: {expire.Message}",
                now
            );
        }
    }

    /// <summary>
    /// The last steps, of which pushing metrics is the very last: only its condition makes the phase final.
    /// </summary>
    public async Task FinishAsync(BackupSession session, BackupInvoker invoker, CancellationToken cancellationToken)
    {
        var failure = await TryCleanHistoryAsync(session, invoker, cancellationToken);
        session.Status.Conditions.Set(
            ConditionTypes.BackupHistoryCleaned,
            failure is null,
            failure is null
                ? ConditionReasons.SuccessfullyCleanedBackupHistory
                : ConditionReasons.FailedToCleanBackupHistory,
            failure ?? "Old sessions were deleted as the history limit says.",
            time.GetUtcNow()
        );
        await PushMetricsAsync(session, invoker, cancellationToken);
    }

    /// <summary>Deletes finished sessions beyond the limit; their Jobs go with them.</summary>
    public async Task CleanHistoryAsync(
        BackupSession session,
        BackupInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        var sessions = await invokers.SessionsOfAsync(invoker, cancellationToken);
        foreach (var old in HistoryPlan.Superfluous(sessions, invoker.HistoryLimit, session))
        {
            await client.DeleteAsync<BackupSession>(
                old.Metadata.Name,
                old.Metadata.NamespaceProperty,
                cancellationToken
            );
            log.SessionCleaned(old.Metadata.NamespaceProperty, old.Metadata.Name, invoker.Name, invoker.HistoryLimit);
        }
    }

    private async Task<string?> TryCleanHistoryAsync(
        BackupSession session,
        BackupInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await CleanHistoryAsync(session, invoker, cancellationToken);
            return null;
        }
        catch (HttpOperationException e) when (ApiFailure.IsRefusal(e))
        {
            return ApiFailure.Describe(e);
        }
    }

    private async Task PushMetricsAsync(
        BackupSession session,
        BackupInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        var failure = pushgateway.IsConfigured ? await PushAsync(session, invoker, cancellationToken) : null;
        if (failure is not null)
        {
            log.MetricsNotPushed(Kinds.BackupSession, invoker.Namespace, session.Metadata.Name, failure);
        }

        session.Status.Conditions.Set(
            ConditionTypes.MetricsPushed,
            failure is null,
            failure is null ? ConditionReasons.SuccessfullyPushedMetrics : ConditionReasons.FailedToPushMetrics,
            failure
                ?? (
                    pushgateway.IsConfigured
                        ? "Metrics were pushed."
                        : "No Pushgateway is configured: there is nothing to push."
                ),
            time.GetUtcNow()
        );
    }

    private async Task<string?> PushAsync(
        BackupSession session,
        BackupInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var appBindings = new List<AppBinding>();
        foreach (var target in invoker.Members.Select(member => member.Target).Where(Targets.IsAppBinding))
        {
            if (
                await client.GetAsync<AppBinding>(target.Name ?? "", target.Namespace, cancellationToken) is
                { } appBinding
            )
            {
                appBindings.Add(appBinding);
            }
        }

        var series = SessionSeries.OfBackup(
            session,
            invoker,
            WillSucceed(session),
            SessionStatus.Elapsed(session, now),
            appBindings,
            options.MetricsLabels,
            now
        );
        return await pushgateway.PushAsync(
            new MetricGroup(invoker.Kind, invoker.Namespace, invoker.Name),
            series,
            cancellationToken
        );
    }

    /// <summary>
    /// The gauge must not say success where the phase is going to say failure: ask the formula, as if the push had
    /// worked.
    /// </summary>
    private bool WillSucceed(BackupSession session)
    {
        var foreseen = new BackupSessionStatus
        {
            Targets = session.Status.Targets,
            Conditions = [.. session.Status.Conditions],
        };
        foreseen.Conditions.Set(
            ConditionTypes.MetricsPushed,
            true,
            ConditionReasons.SuccessfullyPushedMetrics,
            "",
            time.GetUtcNow()
        );
        return PhaseOf.Session(foreseen, options.FailOnMetricsError) == SessionPhase.Succeeded;
    }
}
