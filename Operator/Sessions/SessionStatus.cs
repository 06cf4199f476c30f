using Granary.Api;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;

namespace Granary.Operator.Sessions;

/// <summary>
/// Changes a BackupSession's status in memory. Phases are never set, they follow: <see cref="Conclude"/> computes them.
/// </summary>
internal static class SessionStatus
{
    /// <summary>Conditions that tell of trouble when they are True.</summary>
    private static readonly string[] Unwanted =
    [
        ConditionTypes.BackupSkipped,
        ConditionTypes.DeadlineExceeded,
        ConditionTypes.BackupDisrupted,
    ];

    /// <summary>
    /// Enters a member before its Job exists: the Job's first step reads here what it has to do around the backup.
    /// </summary>
    public static BackupTargetStatus Enter(BackupSession session, BackupInvoker invoker, BackupMember member)
    {
        var target = SessionPlan.StatusOf(session.Status, member);
        if (target is null)
        {
            session.Status.Targets.Add(target = new BackupTargetStatus { Ref = member.Target });
        }

        if (member.Index == 0)
        {
            target.PreBackupActions ??= [BackupActions.InitializeBackendRepository];
        }

        if (member.Index == invoker.Members.Count - 1)
        {
            target.PostBackupActions ??=
            [
                BackupActions.ApplyRetentionPolicy,
                BackupActions.VerifyRepositoryIntegrity,
                BackupActions.SendRepositoryMetrics,
            ];
        }

        return target;
    }

    /// <param name="failure">Why there is no Job; null when there is one.</param>
    public static void Started(BackupTargetStatus target, string? failure, DateTimeOffset now)
    {
        target.Conditions.Set(
            ConditionTypes.BackupExecutorEnsured,
            failure is null,
            failure is null
                ? ConditionReasons.SuccessfullyEnsuredBackupExecutor
                : ConditionReasons.FailedToEnsureBackupExecutor,
            failure ?? "The backup Job was created.",
            now
        );
        if (failure is null)
        {
            target.TotalHosts ??= 1;
        }
    }

    /// <summary>What the Job did not live to write: the host failed, and why.</summary>
    public static void Disrupted(BackupTargetStatus target, BackupMember member, string message, DateTimeOffset now)
    {
        target.Conditions.Set(
            ConditionTypes.BackupDisrupted,
            true,
            ConditionReasons.FailedToCompleteDueToDisruption,
            message,
            now
        );
        if (target.TotalHosts is not null && target.Stats.Count < target.TotalHosts)
        {
            target.Stats.Add(
                new HostBackupStats
                {
                    Hostname = member.Hostname,
                    Phase = HostPhase.Failed,
                    Error = message,
                }
            );
        }
    }

    /// <summary>Computes phases, duration and the Ready condition from what is there.</summary>
    /// <param name="obstacle">What an unstarted session waits for, or what holds up a running one.</param>
    public static void Conclude(
        BackupSession session,
        OperatorOptions options,
        DateTimeOffset now,
        string? obstacle = null
    )
    {
        var status = session.Status;
        foreach (var target in status.Targets)
        {
            target.Phase = PhaseOf.Target(target);
        }

        status.Phase = PhaseOf.Session(status, options.FailOnMetricsError);
        if (SessionPhase.IsFinal(status.Phase))
        {
            status.SessionDuration ??= GoDuration.Format(Elapsed(session, now));
        }

        Readiness.Set(
            status.Conditions,
            status.Phase == SessionPhase.Succeeded,
            status.Phase,
            Message(status, obstacle),
            session.Metadata.Generation,
            now
        );
    }

    public static TimeSpan Elapsed(BackupSession session, DateTimeOffset now) =>
        TimeSpan.FromSeconds(Math.Max(0, Math.Round((now - SessionPlan.Created(session)).TotalSeconds)));

    /// <summary>The Ready condition's message: in one line what a person needs to know.</summary>
    public static string Message(BackupSessionStatus status, string? obstacle = null) =>
        status.Phase switch
        {
            SessionPhase.Succeeded => "The backup succeeded.",
            SessionPhase.Running => obstacle is null ? "The backup is running." : $"The backup is held up: {obstacle}",
            SessionPhase.Pending => obstacle ?? "The backup has not started.",
            _ => Trouble(status),
        };

    private static string Trouble(BackupSessionStatus status)
    {
        foreach (var target in status.Targets)
        {
            var error = target.Stats.Find(host => host.Phase == HostPhase.Failed)?.Error;
            var message = error is { Length: > 0 } ? error : Readiness.Trouble(target.Conditions, Unwanted);
            if (message.Length > 0)
            {
                return message;
            }
        }

        var isMetricsOnly = status.Conditions.Find(ConditionTypes.MetricsPushed);
        var others = status.Conditions.Where(condition => condition != isMetricsOnly);
        return Readiness.Trouble(others, Unwanted) is { Length: > 0 } trouble ? trouble : isMetricsOnly?.Message ?? "";
    }
}
