using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Api.Validation;
using Granary.Metrics;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Monitoring;
using Granary.Operator.Repositories;
using Granary.Operator.Sessions;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.KubernetesClient;

namespace Granary.Operator.Restores;

/// <summary>Takes a RestoreSession from Pending to its end, once. Source: stash-behaviour §2.8.</summary>
[EntityRbac(
    typeof(RestoreSession),
    Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Update | RbacVerb.Patch
)]
[EntityRbac(typeof(Repository), typeof(StashTask), typeof(Function), typeof(AppBinding), Verbs = RbacVerb.Get)]
internal sealed class RestoreSessionController(
    IKubernetesClient client,
    References references,
    RepositoryLinks links,
    JobReader jobs,
    JobStarter starter,
    StatusWriter status,
    Pushgateway pushgateway,
    Announcer announcer,
    OperatorOptions options,
    TimeProvider time,
    ILogger<RestoreSessionController> log
) : IEntityController<RestoreSession>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly Limits _limits = Limits.Of(options);

    private static readonly RestoreSessionValidator Validator = new();

    public Task<ReconciliationResult<RestoreSession>> ReconcileAsync(
        RestoreSession entity,
        CancellationToken cancellationToken
    ) => Reconciling.RunAsync(entity, log, () => ReconcileCoreAsync(entity, cancellationToken));

    public Task<ReconciliationResult<RestoreSession>> DeletedAsync(
        RestoreSession entity,
        CancellationToken cancellationToken
    ) => Task.FromResult(ReconciliationResult<RestoreSession>.Success(entity));

    private async Task<ReconciliationResult<RestoreSession>> ReconcileCoreAsync(
        RestoreSession session,
        CancellationToken cancellationToken
    )
    {
        session = await client.WithFinalizerAsync(session, Finalizers.Invoker, cancellationToken);
        if (RestorePhase.IsFinal(session.Status.Phase))
        {
            return ReconciliationResult<RestoreSession>.Success(session);
        }

        var invoker = RestoreInvoker.Of(session);
        var draft = StatusWriter.Draft(session);
        var before = session.Status.Phase;
        session.Status.SessionDeadline ??= _limits.Deadline(RestoreStatus.Created(session), invoker.TimeOut);

        var facts = await ReadAsync(session, invoker, cancellationToken);
        facts.Prerequisites?.Record(
            session.Status.Conditions,
            ConditionTypes.RestoreTargetFound,
            time.GetUtcNow(),
            session.Metadata.Generation
        );
        var plan = RestorePlan.For(facts, time.GetUtcNow(), _limits);
        var lookAgain = await ActAsync(session, invoker, plan, cancellationToken);

        var trouble = (plan as RestorePlan.Watch)?.Trouble;
        RestoreStatus.Conclude(session, options, time.GetUtcNow(), trouble);
        await status.WriteAsync(draft, cancellationToken);
        await ReportAsync(session, before, plan, cancellationToken);
        if (plan is RestorePlan.Disrupted or RestorePlan.Expire)
        {
            // Only now that its end is recorded: otherwise a crash in between leaves a Job that seems to have vanished
            // by itself.
            await StopAsync(session, cancellationToken);
        }

        if (RestorePhase.IsFinal(session.Status.Phase))
        {
            var job = ObjectNames.RestoreJob(invoker.Name, 0);
            await starter.ReleaseAsync(job, invoker.Namespace, invoker.RepositoryNamespace, cancellationToken);
        }

        return ReconciliationResult<RestoreSession>.Success(session, lookAgain);
    }

    private async Task<RestoreFacts> ReadAsync(
        RestoreSession session,
        RestoreInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        if (session.Status.Conditions.Has(ConditionTypes.RestoreExecutorEnsured))
        {
            var name = ObjectNames.RestoreJob(invoker.Name, 0);
            var isMade = session.Status.Conditions.IsTrue(ConditionTypes.RestoreExecutorEnsured);
            return new RestoreFacts(
                session,
                invoker,
                null,
                isMade ? await jobs.ObserveAsync(name, session, cancellationToken) : null
            );
        }

        var failures = Validator.Validate(session).Errors.Concat(UnsupportedFeatures.Of(session)).ToList();
        IReadOnlyList<string> problems = failures.Count == 0 ? [] : [failures.Describe()];
        var targets = invoker.Members.Select(member => member.Target);
        var found = await references.ReadAsync(
            invoker.Namespace,
            invoker.Repository,
            targets,
            problems,
            cancellationToken
        );
        if (found.Repository is { } repository)
        {
            await links.AddAsync(repository, session, cancellationToken);
        }

        return new RestoreFacts(session, invoker, found.Prerequisites, null);
    }

    /// <returns>When to look again.</returns>
    private async Task<TimeSpan?> ActAsync(
        RestoreSession session,
        RestoreInvoker invoker,
        RestorePlan plan,
        CancellationToken cancellationToken
    )
    {
        switch (plan)
        {
            case RestorePlan.Rest:
                return null;
            case RestorePlan.Wait wait:
                return wait.LookAgain;
            case RestorePlan.Watch watch:
                return watch.LookAgain;
            case RestorePlan.Start start:
                await StartAsync(session, invoker, start.Member, cancellationToken);
                return TimeSpan.FromSeconds(1);
            case RestorePlan.Disrupted lost:
                RestoreStatus.Disrupted(session, lost.Member, lost.Why.Message, time.GetUtcNow());
                return Soon;
            case RestorePlan.Expire expire:
                session.Status.Conditions.Set(
                    ConditionTypes.DeadlineExceeded,
                    true,
                    ConditionReasons.FailedToCompleteWithinDeadline,
                    expire.Message,
                    time.GetUtcNow()
                );
                RestoreStatus.Disrupted(session, expire.Member, $"stopped: {expire.Message}", time.GetUtcNow());
                return Soon;
            case RestorePlan.Finish:
                if (session.Status.Conditions.IsTrue(ConditionTypes.DeadlineExceeded))
                {
                    // A final phase is not looked at again, so what still runs is stopped before it.
                    await StopAsync(session, cancellationToken);
                }

                await PushMetricsAsync(session, invoker, cancellationToken);
                return null;
            default:
                throw new InvalidOperationException($"unknown plan {plan}");
        }
    }

    private async Task StartAsync(
        RestoreSession session,
        RestoreInvoker invoker,
        RestoreMember member,
        CancellationToken cancellationToken
    )
    {
        var job = RestoreJob.For(invoker, member);
        var failure = await starter.StartAsync(job, cancellationToken);
        RestoreStatus.Started(session, failure, time.GetUtcNow());
        if (failure is null)
        {
            log.JobEnsured(invoker.Namespace, job.Name, Kinds.RestoreSession, invoker.Name);
        }
        else
        {
            log.JobRefused(invoker.Namespace, job.Name, Kinds.RestoreSession, invoker.Name, failure);
        }
    }

    private async Task PushMetricsAsync(
        RestoreSession session,
        RestoreInvoker invoker,
        CancellationToken cancellationToken
    )
    {
        string? failure = null;
        if (pushgateway.IsConfigured)
        {
            var target = invoker.Members[0].Target;
            var appBinding = Targets.IsAppBinding(target)
                ? await client.GetAsync<AppBinding>(target.Name ?? "", target.Namespace, cancellationToken)
                : null;
            var succeeded =
                PhaseOf.RestoreTarget(session.Status) == TargetPhase.Succeeded
                && !session.Status.Conditions.IsTrue(ConditionTypes.DeadlineExceeded);
            var series = SessionSeries.OfRestore(
                session,
                invoker,
                succeeded,
                RestoreStatus.Elapsed(session, time.GetUtcNow()),
                appBinding is null ? [] : [appBinding],
                options.MetricsLabels
            );
            failure = await pushgateway.PushAsync(
                new MetricGroup(invoker.Kind, invoker.Namespace, invoker.Name),
                series,
                cancellationToken
            );
        }

        if (failure is not null)
        {
            log.MetricsNotPushed(Kinds.RestoreSession, invoker.Namespace, invoker.Name, failure);
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

    private async Task ReportAsync(
        RestoreSession session,
        string? before,
        RestorePlan plan,
        CancellationToken cancellationToken
    )
    {
        if (plan is RestorePlan.Disrupted lost)
        {
            var job = ObjectNames.RestoreJob(session.Metadata.Name, lost.Member.Index);
            log.JobLost(
                session.Metadata.NamespaceProperty,
                job,
                Kinds.RestoreSession,
                session.Metadata.Name,
                lost.Why.Cause,
                lost.Why.Message
            );
            await announcer.WarnAsync(session, ConditionTypes.RestoreDisrupted, lost.Why.Message, cancellationToken);
        }

        var phase = session.Status.Phase;
        var isTrouble = phase is RestorePhase.Failed or RestorePhase.Invalid or RestorePhase.Unknown;
        await announcer.PhaseAsync(
            session,
            before,
            phase,
            RestoreStatus.Message(session.Status),
            isTrouble,
            cancellationToken
        );
    }

    private async Task StopAsync(RestoreSession session, CancellationToken cancellationToken)
    {
        var name = ObjectNames.RestoreJob(session.Metadata.Name, 0);
        if (await jobs.ObserveAsync(name, session, cancellationToken) is { State: JobState.Active })
        {
            await jobs.StopAsync(name, session.Metadata.NamespaceProperty, cancellationToken);
        }
    }
}
