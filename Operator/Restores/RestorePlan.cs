using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Sessions;

namespace Granary.Operator.Restores;

/// <summary>What one reconcile of a RestoreSession saw.</summary>
/// <param name="Prerequisites">Only looked at while nothing was started.</param>
/// <param name="Job">Only looked at once it was made.</param>
internal sealed record RestoreFacts(
    RestoreSession Session,
    RestoreInvoker Invoker,
    Prerequisites? Prerequisites,
    JobObservation? Job
);

/// <summary>The next step of a RestoreSession, as data. A restore runs once. Source: stash-behaviour §2.8.</summary>
internal abstract record RestorePlan
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(30);

    private RestorePlan() { }

    /// <summary>Nothing is left to do.</summary>
    internal sealed record Rest : RestorePlan;

    /// <summary>Something is missing or must not be used.</summary>
    internal sealed record Wait(TimeSpan LookAgain) : RestorePlan;

    /// <summary>Make the Job.</summary>
    internal sealed record Start(RestoreMember Member) : RestorePlan;

    /// <summary>The Job is at it.</summary>
    /// <param name="Trouble">What holds it up while it may still get well; null when all is well.</param>
    internal sealed record Watch(TimeSpan LookAgain, string? Trouble) : RestorePlan;

    /// <summary>The Job cannot report any more.</summary>
    internal sealed record Disrupted(RestoreMember Member, Disruption Why) : RestorePlan;

    /// <summary>The deadline passed.</summary>
    internal sealed record Expire(RestoreMember Member, string Message) : RestorePlan;

    /// <summary>Push the metrics and write the final phase.</summary>
    internal sealed record Finish : RestorePlan;

    public static RestorePlan For(RestoreFacts facts, DateTimeOffset now, Limits limits)
    {
        var status = facts.Session.Status;
        if (RestorePhase.IsFinal(status.Phase))
        {
            return new Rest();
        }

        var member = facts.Invoker.Members[0];
        var target = PhaseOf.RestoreTarget(status);
        var isOver = PhaseOf.IsFinished(target) && facts.Job is not { State: JobState.Active };
        if (status.Conditions.IsTrue(ConditionTypes.DeadlineExceeded) || isOver)
        {
            return JobFailedUnnoticed(facts, target) is { } late ? new Disrupted(member, late) : new Finish();
        }

        if (status.SessionDeadline is { } deadline && now >= deadline)
        {
            return new Expire(member, $"the restore did not complete within {limits.Describe(facts.Invoker.TimeOut)}");
        }

        if (!status.Conditions.IsTrue(ConditionTypes.RestoreExecutorEnsured))
        {
            return facts.Prerequisites is { AreMet: true } ? new Start(member) : new Wait(Prerequisites.Patience);
        }

        // Given up before, but its Job still runs: the operator was stopped in between.
        if (status.Conditions.Find(ConditionTypes.RestoreDisrupted) is { Status: ConditionStatus.True } known)
        {
            return new Disrupted(member, new Disruption(null, known.Message ?? ""));
        }

        IReadOnlyList<string> owed = status.Stats.Count < (status.TotalHosts ?? 1) ? ["the result of the restore"] : [];
        if (target != TargetPhase.Failed && Disruptions.Of(facts.Job, owed, now, limits) is { } lost)
        {
            return new Disrupted(member, lost);
        }

        var untilDeadline = status.SessionDeadline is { } at && at - now < WatchPeriod ? at - now : WatchPeriod;
        return new Watch(untilDeadline, facts.Job?.Trouble?.Message);
    }

    /// <summary>A Job that fails after its host has reported success did not finish what it had to do.</summary>
    private static Disruption? JobFailedUnnoticed(RestoreFacts facts, string target) =>
        target == TargetPhase.Succeeded && facts.Job is { State: JobState.Failed } job
            ? Disruptions.OfFailed(job)
            : null;
}
