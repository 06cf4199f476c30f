using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Backups;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Monitoring;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Queue;

namespace Granary.Operator.Sessions;

/// <summary>
/// Takes a BackupSession from Pending to its end: read, decide (<see cref="SessionPlan"/>), act, write. Source: §2.5.
/// </summary>
[EntityRbac(
    typeof(BackupSession),
    Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch | RbacVerb.Delete
)]
[EntityRbac(typeof(StashTask), typeof(Function), typeof(AppBinding), Verbs = RbacVerb.Get)]
[GenericRbac(Groups = [""], Resources = ["persistentvolumeclaims"], Verbs = RbacVerb.Get | RbacVerb.Create)]
internal sealed class BackupSessionController(
    BackupInvokers invokers,
    JobReader jobs,
    BackupSessionSteps steps,
    StatusWriter status,
    Announcer announcer,
    EntityQueue<BackupSession> queue,
    OperatorOptions options,
    TimeProvider time,
    ILogger<BackupSessionController> log
) : IEntityController<BackupSession>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    // The end of the Job wakes the session at once; a look in between makes up for news that was missed.
    private static readonly TimeSpan MaintenancePeriod = TimeSpan.FromSeconds(5);

    private readonly Limits _limits = Limits.Of(options);

    public Task<ReconciliationResult<BackupSession>> ReconcileAsync(
        BackupSession entity,
        CancellationToken cancellationToken
    ) => Reconciling.RunAsync(entity, log, () => ReconcileCoreAsync(entity, cancellationToken));

    /// <summary>A session that goes unfinished frees the next one as well.</summary>
    public async Task<ReconciliationResult<BackupSession>> DeletedAsync(
        BackupSession entity,
        CancellationToken cancellationToken
    )
    {
        if (
            !SessionPhase.IsFinal(entity.Status.Phase)
            && await invokers.FindAsync(entity, cancellationToken) is { } invoker
        )
        {
            await WakeNextAsync(entity, invoker, cancellationToken);
        }

        return ReconciliationResult<BackupSession>.Success(entity);
    }

    private async Task<ReconciliationResult<BackupSession>> ReconcileCoreAsync(
        BackupSession session,
        CancellationToken cancellationToken
    )
    {
        if (SessionPhase.IsFinal(session.Status.Phase))
        {
            return ReconciliationResult<BackupSession>.Success(session);
        }

        var invoker = await invokers.FindAsync(session, cancellationToken);
        if (invoker is not null)
        {
            session = await invokers.AdoptAsync(session, invoker, cancellationToken);
        }

        var draft = StatusWriter.Draft(session);
        var before = session.Status.Phase;
        var now = time.GetUtcNow();
        var facts = await ReadAsync(session, invoker, cancellationToken);
        session.Status.SessionDeadline ??= _limits.Deadline(SessionPlan.Created(session), invoker?.TimeOut);

        var plan = SessionPlan.For(facts, now, _limits);
        TimeSpan? lookAgain = null;
        string? obstacle = null;
        switch (plan)
        {
            case SessionPlan.Wait wait:
                log.SessionWaits(session.Metadata.NamespaceProperty, session.Metadata.Name, wait.Reason);
                obstacle = wait.Reason;
                lookAgain = wait.LookAgain;
                break;
            case SessionPlan.Orphan orphan:
                session.Status.Conditions.Set(
                    ConditionTypes.InvokerFound,
                    false,
                    ConditionReasons.InvokerNotFound,
                    orphan.Message,
                    now
                );
                break;
            case SessionPlan.Skip skip:
                session.Status.Conditions.Set(
                    ConditionTypes.BackupSkipped,
                    true,
                    ConditionReasons.SkippedTakingNewBackup,
                    skip.Message,
                    now
                );
                break;
            case SessionPlan.Advance advance:
                await steps.StartAsync(draft, Known(invoker), advance.Start, cancellationToken);
                steps.Disrupt(session, advance.Disrupted);
                lookAgain = advance.Disrupted.Count > 0 ? Soon : advance.LookAgain;
                obstacle = advance.Trouble;
                break;
            case SessionPlan.Expire expire:
                steps.Expire(session, Known(invoker), expire);
                lookAgain = Soon;
                break;
            case SessionPlan.Maintain maintain:
                obstacle = await steps.MaintainAsync(session, Known(invoker), maintain.Actions, cancellationToken);
                lookAgain = MaintenancePeriod;
                break;
            case SessionPlan.Finish:
                await StopAsync(session, DeadlineMembers(session, invoker), cancellationToken);
                await steps.FinishAsync(session, Known(invoker), cancellationToken);
                break;
            case SessionPlan.Rest:
                return ReconciliationResult<BackupSession>.Success(session);
            default:
                throw new InvalidOperationException($"unknown plan {plan}");
        }

        SessionStatus.Conclude(session, options, time.GetUtcNow(), obstacle);
        await status.WriteAsync(draft, cancellationToken);
        await ReportAsync(session, before, plan, cancellationToken);
        await AfterAsync(session, invoker, plan, cancellationToken);
        if (invoker is not null && SessionPhase.IsFinal(session.Status.Phase))
        {
            await steps.ReleaseAsync(session, invoker, cancellationToken);
            await WakeNextAsync(session, invoker, cancellationToken);
        }

        return ReconciliationResult<BackupSession>.Success(session, lookAgain);
    }

    private static BackupInvoker Known(BackupInvoker? invoker) =>
        invoker ?? throw new InvalidOperationException("a session without invoker has no plan but to wait");

    private async Task<SessionFacts> ReadAsync(
        BackupSession session,
        BackupInvoker? invoker,
        CancellationToken cancellationToken
    )
    {
        if (invoker is null)
        {
            return new SessionFacts(session, null, [], new Dictionary<int, JobObservation>());
        }

        var begun = invoker
            .Members.Where(member =>
                SessionPlan.StatusOf(session.Status, member) is { TotalHosts: not null } target
                && target.Conditions.IsTrue(ConditionTypes.BackupExecutorEnsured)
            )
            .ToList();
        var observed = new Dictionary<int, JobObservation>();
        foreach (var index in begun.Select(member => member.Index))
        {
            var name = ObjectNames.BackupJob(session.Metadata.Name, index);
            observed[index] = await jobs.ObserveAsync(name, session, cancellationToken);
        }

        var rivals = begun.Count == 0 ? await invokers.RivalsOfAsync(session, invoker, cancellationToken) : [];
        return new SessionFacts(session, invoker, rivals, observed);
    }

    /// <summary>Whose turn it is now need not wait for its own next look.</summary>
    private async Task WakeNextAsync(BackupSession session, BackupInvoker invoker, CancellationToken cancellationToken)
    {
        var others = await invokers.RivalsOfAsync(session, invoker, cancellationToken);
        var isFree = others.All(other => other.Status.Phase != SessionPhase.Running);
        if (isFree && others.MinBy(SessionPlan.Created) is { } next)
        {
            await queue.WakeAsync(next, cancellationToken);
        }
    }

    private async Task ReportAsync(
        BackupSession session,
        string? before,
        SessionPlan plan,
        CancellationToken cancellationToken
    )
    {
        var phase = session.Status.Phase;
        var isTrouble = phase is SessionPhase.Failed or SessionPhase.Skipped;
        foreach (var lost in (plan as SessionPlan.Advance)?.Disrupted ?? [])
        {
            var job = ObjectNames.BackupJob(session.Metadata.Name, lost.Member.Index);
            log.JobLost(
                session.Metadata.NamespaceProperty,
                job,
                Kinds.BackupSession,
                session.Metadata.Name,
                lost.Disruption.Cause,
                lost.Disruption.Message
            );
            await announcer.WarnAsync(
                session,
                ConditionTypes.BackupDisrupted,
                lost.Disruption.Message,
                cancellationToken
            );
        }

        await announcer.PhaseAsync(
            session,
            before,
            phase,
            SessionStatus.Message(session.Status),
            isTrouble,
            cancellationToken
        );
    }

    /// <summary>
    /// What must not happen before the status says why: a Job is only stopped once its end is recorded, for otherwise a
    /// crash in between would leave a Job that seems to have vanished by itself.
    /// </summary>
    private async Task AfterAsync(
        BackupSession session,
        BackupInvoker? invoker,
        SessionPlan plan,
        CancellationToken cancellationToken
    )
    {
        var stopped = plan switch
        {
            SessionPlan.Advance advance => advance.Disrupted.Select(lost => lost.Member),
            SessionPlan.Expire expire => expire.Unfinished,
            _ => [],
        };
        await StopAsync(session, stopped, cancellationToken);
        if (plan is SessionPlan.Skip && invoker is not null)
        {
            await steps.CleanHistoryAsync(session, invoker, cancellationToken);
        }
    }

    /// <summary>
    /// After the deadline nothing may go on, and a final phase is not looked at again: so first of all stop what still
    /// runs.
    /// </summary>
    private static IReadOnlyList<BackupMember> DeadlineMembers(BackupSession session, BackupInvoker? invoker) =>
        session.Status.Conditions.IsTrue(ConditionTypes.DeadlineExceeded) ? Known(invoker).Members : [];

    private async Task StopAsync(
        BackupSession session,
        IEnumerable<BackupMember> members,
        CancellationToken cancellationToken
    )
    {
        foreach (var member in members)
        {
            var name = ObjectNames.BackupJob(session.Metadata.Name, member.Index);
            if (await jobs.ObserveAsync(name, session, cancellationToken) is { State: JobState.Active })
            {
                await jobs.StopAsync(name, session.Metadata.NamespaceProperty, cancellationToken);
            }
        }
    }
}
