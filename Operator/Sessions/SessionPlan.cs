using System.Globalization;
using Granary.Api;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;

namespace Granary.Operator.Sessions;

/// <summary>What one reconcile of a BackupSession saw.</summary>
/// <param name="Invoker">Null when it does not exist.</param>
/// <param name="Rivals">
/// Other sessions of the same invoker, or for the same targets; only looked at while this one is Pending.
/// </param>
/// <param name="Jobs">The Jobs of the members that were started, by member index.</param>
internal sealed record SessionFacts(
    BackupSession Session,
    BackupInvoker? Invoker,
    IReadOnlyList<BackupSession> Rivals,
    IReadOnlyDictionary<int, JobObservation> Jobs
);

/// <summary>The next step of a BackupSession, as data. Source: stash-behaviour §2.5.</summary>
internal abstract record SessionPlan
{
    /// <summary>How often a running session is looked at although no Job has changed.</summary>
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A waiting session rests for a quarter of the time that it has waited. The event that frees it wakes it at once,
    /// so these looks only make up for one that was missed.
    /// </summary>
    private static readonly (TimeSpan Least, TimeSpan Most) QueuePeriod = (
        TimeSpan.FromSeconds(2),
        TimeSpan.FromMinutes(2)
    );

    /// <summary>How long a session may be there before its invoker: both may be applied at one time.</summary>
    private static readonly TimeSpan InvokerPatience = TimeSpan.FromMinutes(2);

    private SessionPlan() { }

    /// <summary>Nothing is left to do.</summary>
    internal sealed record Rest : SessionPlan;

    /// <summary>It is not this session's turn.</summary>
    internal sealed record Wait(TimeSpan LookAgain, string Reason) : SessionPlan;

    /// <summary>The session belongs to nothing that exists.</summary>
    internal sealed record Orphan(string Message) : SessionPlan;

    /// <summary>This session is not run at all.</summary>
    internal sealed record Skip(string Message) : SessionPlan;

    /// <summary>Members to start, and members whose Job was lost; either may be empty.</summary>
    /// <param name="Trouble">What holds up a Job that may still get well; null when all is well.</param>
    internal sealed record Advance(
        IReadOnlyList<BackupMember> Start,
        IReadOnlyList<LostMember> Disrupted,
        TimeSpan LookAgain,
        string? Trouble = null
    ) : SessionPlan;

    /// <summary>The deadline passed: these members are given up and their Jobs stopped.</summary>
    internal sealed record Expire(IReadOnlyList<BackupMember> Unfinished, string Message) : SessionPlan;

    /// <summary>
    /// Every target is finished, and these actions on a Repository of another namespace are still to be done there.
    /// </summary>
    internal sealed record Maintain(IReadOnlyList<string> Actions) : SessionPlan;

    /// <summary>Every target is finished: clean the history, push the metrics, write the final phase.</summary>
    internal sealed record Finish : SessionPlan;

    /// <summary>A member whose Job cannot report any more.</summary>
    internal sealed record LostMember(BackupMember Member, Disruption Disruption);

    public static SessionPlan For(SessionFacts facts, DateTimeOffset now, Limits limits)
    {
        var status = facts.Session.Status;
        if (SessionPhase.IsFinal(status.Phase))
        {
            return new Rest();
        }

        if (facts.Invoker is not { } invoker)
        {
            return WithoutInvoker(facts.Session, now);
        }

        var begun = invoker
            .Members.Where(member => StatusOf(status, member) is { } target && IsInitiated(target))
            .ToList();
        var unfinished = begun.Where(member => !IsFinished(facts, member)).ToList();
        var isDone = begun.Count == invoker.Members.Count && unfinished.Count == 0;
        var elsewhere = isDone && invoker.UsesForeignRepository ? OwedElsewhere(status, invoker) : [];
        if (status.Conditions.IsTrue(ConditionTypes.DeadlineExceeded) || (isDone && elsewhere.Count == 0))
        {
            return new Finish();
        }

        if (status.SessionDeadline is { } deadline && now >= deadline)
        {
            return new Expire(
                [.. invoker.Members.Where(member => !begun.Contains(member) || unfinished.Contains(member))],
                $"the session did not complete within {limits.Describe(invoker.TimeOut)}"
            );
        }

        if (isDone)
        {
            return new Maintain(elsewhere);
        }

        if (begun.Count == 0 && Queue(facts, invoker, now, limits) is { } obstacle)
        {
            return obstacle;
        }

        return Go(facts, invoker, begun, unfinished, now, limits);
    }

    /// <summary>The status entry of a member; sessions are matched by target, not by place.</summary>
    public static BackupTargetStatus? StatusOf(BackupSessionStatus status, BackupMember member) =>
        status.Targets.Find(target => Targets.Same(target.Ref, member.Target));

    public static DateTimeOffset Created(BackupSession session) =>
        new(DateTime.SpecifyKind(session.Metadata.CreationTimestamp ?? DateTime.UnixEpoch, DateTimeKind.Utc));

    private static SessionPlan WithoutInvoker(BackupSession session, DateTimeOffset now)
    {
        var named = session.Spec.Invoker;
        var message =
            $"the {named?.Kind} {named?.Name} that the session is for does not exist in namespace "
            + session.Metadata.NamespaceProperty;
        return now - Created(session) < InvokerPatience
            ? new Wait(Prerequisites.Patience, message)
            : new Orphan(message);
    }

    /// <summary>Reasons for an unstarted session to wait or to be dropped.</summary>
    /// <remarks>
    /// Only a Pending session is skipped because of its invoker: one that turns NotReady in mid-run must not stop what
    /// is running. Of several that start at one time the oldest goes first, whatever order they are looked at in.
    /// </remarks>
    private static SessionPlan? Queue(SessionFacts facts, BackupInvoker invoker, DateTimeOffset now, Limits limits)
    {
        var waited = now - Created(facts.Session);
        if (!invoker.IsObserved)
        {
            return new Wait(
                QueuePeriod.Least,
                $"{invoker.Kind} {invoker.Name} has not been looked at since it changed"
            );
        }

        if (invoker.Phase != InvokerPhase.Ready)
        {
            return new Skip($"{invoker.Kind} {invoker.Name} is {invoker.Phase ?? InvokerPhase.NotReady}");
        }

        var session = facts.Session;
        foreach (var rival in facts.Rivals.Where(rival => !SessionPhase.IsFinal(rival.Status.Phase)))
        {
            var isSibling = SameInvoker(rival, session);
            var isRunning = rival.Status.Phase == SessionPhase.Running;
            if (isSibling && isRunning)
            {
                return new Skip($"BackupSession {rival.Metadata.Name} of the same {invoker.Kind} is still running");
            }

            if (isRunning || IsBefore(rival, session))
            {
                var reason = $"BackupSession {rival.Metadata.NamespaceProperty}/{rival.Metadata.Name} goes first";
                return waited >= limits.Queue
                    ? new Skip($"given up after waiting for {GoDuration.Format(limits.Queue)}: {reason}")
                    : new Wait(PauseAfter(waited), reason);
            }
        }

        return null;
    }

    private static TimeSpan PauseAfter(TimeSpan waited) =>
        TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 4, QueuePeriod.Least.Ticks, QueuePeriod.Most.Ticks));

    private static Advance Go(
        SessionFacts facts,
        BackupInvoker invoker,
        List<BackupMember> begun,
        List<BackupMember> unfinished,
        DateTimeOffset now,
        Limits limits
    )
    {
        var start = invoker
            .Members.Where(member => !begun.Contains(member))
            .Where(member =>
                !invoker.IsSequential
                || invoker
                    .Members.Where(earlier => earlier.Index < member.Index)
                    .All(earlier => begun.Contains(earlier) && !unfinished.Contains(earlier))
            )
            .ToList();
        var disrupted = unfinished
            .SelectMany(member =>
                Lost(facts, member, now, limits) is { } why ? [new LostMember(member, why)] : Array.Empty<LostMember>()
            )
            .ToList();
        var trouble = unfinished
            .Select(member => facts.Jobs.GetValueOrDefault(member.Index)?.Trouble?.Message)
            .FirstOrDefault(message => message is not null);
        var deadline = limits.Deadline(Created(facts.Session), invoker.TimeOut);
        var untilDeadline = deadline is { } at && at - now < WatchPeriod ? at - now : WatchPeriod;
        return new Advance(
            start,
            disrupted,
            untilDeadline > TimeSpan.Zero ? untilDeadline : TimeSpan.FromSeconds(1),
            trouble
        );
    }

    private static Disruption? Lost(SessionFacts facts, BackupMember member, DateTimeOffset now, Limits limits)
    {
        if (StatusOf(facts.Session.Status, member) is not { } target)
        {
            return null;
        }

        // Given up before, but its Job still runs: the operator was stopped in between.
        if (target.Conditions.Find(ConditionTypes.BackupDisrupted) is { Status: ConditionStatus.True } known)
        {
            return new Disruption(null, known.Message ?? "");
        }

        return PhaseOf.Target(target) == TargetPhase.Failed
            ? null
            : Disruptions.Of(facts.Jobs.GetValueOrDefault(member.Index), Outstanding(facts, member), now, limits);
    }

    private static bool IsInitiated(BackupTargetStatus target) =>
        target.Conditions.Has(ConditionTypes.BackupExecutorEnsured);

    /// <summary>
    /// A target is over when it has failed for good, or when its hosts have reported and its Job has ended: after the
    /// report the last step still applies retention and checks the repository, and only then may the session be called
    /// Succeeded.
    /// </summary>
    private static bool IsFinished(SessionFacts facts, BackupMember member)
    {
        if (StatusOf(facts.Session.Status, member) is not { } target || !PhaseOf.IsFinished(PhaseOf.Target(target)))
        {
            return false;
        }

        return !facts.Jobs.TryGetValue(member.Index, out var job)
            || job.State switch
            {
                JobState.Active => false,
                JobState.Complete or JobState.Missing => Outstanding(facts, member).Count == 0,
                JobState.Failed => PhaseOf.Target(target) == TargetPhase.Failed,
                _ => throw new ArgumentOutOfRangeException(nameof(facts), job.State, "unknown Job state"),
            };
    }

    /// <summary>
    /// What the Job of a member still owes: its hosts' reports, or the outcome of the actions behind the backup.
    /// </summary>
    private static List<string> Outstanding(SessionFacts facts, BackupMember member)
    {
        var status = facts.Session.Status;

        // Nothing is done after a failed backup.
        if (StatusOf(status, member) is not { } target || PhaseOf.Target(target) == TargetPhase.Failed)
        {
            return [];
        }

        if (target.Stats.Count < (target.TotalHosts ?? 1))
        {
            return ["the result of the backup"];
        }

        // The first action that fails ends the sequence.
        if (
            facts.Invoker?.UsesForeignRepository == true
            || status.Conditions.IsFalse(ConditionTypes.RetentionPolicyApplied)
            || status.Conditions.IsFalse(ConditionTypes.RepositoryIntegrityVerified)
        )
        {
            return [];
        }

        var owed = new List<string>();
        Owe(BackupActions.ApplyRetentionPolicy, ConditionTypes.RetentionPolicyApplied);
        Owe(BackupActions.VerifyRepositoryIntegrity, ConditionTypes.RepositoryIntegrityVerified);
        return owed;

        void Owe(string action, string condition)
        {
            if (target.PostBackupActions?.Contains(action) == true && !status.Conditions.Has(condition))
            {
                owed.Add(condition);
            }
        }
    }

    /// <summary>The actions that a maintenance Job has to do: none after a failed backup or a failed action.</summary>
    private static List<string> OwedElsewhere(BackupSessionStatus status, BackupInvoker invoker)
    {
        var targets = invoker.Members.Select(member => StatusOf(status, member)).OfType<BackupTargetStatus>().ToList();
        if (
            targets.Exists(target => PhaseOf.Target(target) == TargetPhase.Failed)
            || BackupActions.PostBackup.Any(action => status.Conditions.IsFalse(action.Condition))
        )
        {
            return [];
        }

        var asked = targets.SelectMany(target => target.PostBackupActions ?? []).ToHashSet();
        return
        [
            .. BackupActions
                .PostBackup.Where(action => asked.Contains(action.Name) && !status.Conditions.Has(action.Condition))
                .Select(action => action.Name),
        ];
    }

    private static bool SameInvoker(BackupSession one, BackupSession other) =>
        one.Metadata.NamespaceProperty == other.Metadata.NamespaceProperty
        && one.Spec.Invoker?.Kind == other.Spec.Invoker?.Kind
        && one.Spec.Invoker?.Name == other.Spec.Invoker?.Name;

    private static bool IsBefore(BackupSession one, BackupSession other)
    {
        var byAge = Created(one).CompareTo(Created(other));
        return byAge != 0 ? byAge < 0 : string.CompareOrdinal(Key(one), Key(other)) < 0;
    }

    private static string Key(BackupSession session) =>
        string.Create(CultureInfo.InvariantCulture, $"{session.Metadata.NamespaceProperty}/{session.Metadata.Name}");
}
