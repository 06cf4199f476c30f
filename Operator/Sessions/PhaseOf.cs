using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;

namespace Granary.Operator.Sessions;

/// <summary>
/// The phase formulas: what conditions and reports add up to. In each the first rule that fits decides.
/// </summary>
internal static class PhaseOf
{
    /// <summary>One target of a BackupSession (§2.5).</summary>
    public static string Target(BackupTargetStatus target)
    {
        var conditions = target.Conditions;
        if (
            conditions.IsFalse(ConditionTypes.BackupExecutorEnsured)
            || conditions.IsFalse(ConditionTypes.PreBackupHookExecutionSucceeded)
            || conditions.IsFalse(ConditionTypes.PostBackupHookExecutionSucceeded)
            || conditions.IsTrue(ConditionTypes.BackupDisrupted)
        )
        {
            return TargetPhase.Failed;
        }

        return target.TotalHosts is not { } hosts ? TargetPhase.Pending
            : target.Stats.Count < hosts ? TargetPhase.Running
            : target.Stats.Any(host => host.Phase == HostPhase.Failed) ? TargetPhase.Failed
            : TargetPhase.Succeeded;
    }

    /// <summary>A BackupSession (§2.5).</summary>
    /// <param name="failOnMetrics">Whether metrics that cannot be pushed fail the session (D6); not by default.</param>
    public static string Session(BackupSessionStatus status, bool failOnMetrics)
    {
        var conditions = status.Conditions;
        if (
            conditions.IsFalse(ConditionTypes.InvokerFound)
            || (failOnMetrics && conditions.IsFalse(ConditionTypes.MetricsPushed))
        )
        {
            return SessionPhase.Failed;
        }

        if (conditions.IsTrue(ConditionTypes.BackupSkipped))
        {
            return SessionPhase.Skipped;
        }

        // Pushing metrics is the last step, so only its condition, whatever its status, makes a phase final.
        var isLastStepDone = conditions.Has(ConditionTypes.MetricsPushed);
        if (
            isLastStepDone
            && (
                conditions.IsTrue(ConditionTypes.DeadlineExceeded)
                || conditions.IsFalse(ConditionTypes.BackupHistoryCleaned)
                || conditions.IsFalse(ConditionTypes.GlobalPreBackupHookSucceeded)
                || conditions.IsFalse(ConditionTypes.GlobalPostBackupHookSucceeded)
            )
        )
        {
            return SessionPhase.Failed;
        }

        var phases = status.Targets.ConvertAll(Target);
        if (phases.TrueForAll(phase => phase == TargetPhase.Pending))
        {
            return SessionPhase.Pending;
        }

        if (!isLastStepDone || !phases.TrueForAll(IsFinished))
        {
            return SessionPhase.Running;
        }

        var epilogueFailed =
            conditions.IsFalse(ConditionTypes.RetentionPolicyApplied)
            || conditions.IsFalse(ConditionTypes.RepositoryIntegrityVerified)
            || (failOnMetrics && conditions.IsFalse(ConditionTypes.RepositoryMetricsPushed));
        return epilogueFailed || phases.Contains(TargetPhase.Failed) ? SessionPhase.Failed : SessionPhase.Succeeded;
    }

    /// <summary>The target of a RestoreSession (§2.8).</summary>
    public static string RestoreTarget(RestoreSessionStatus status)
    {
        var conditions = status.Conditions;
        if (
            conditions.IsFalse(ConditionTypes.RestoreExecutorEnsured)
            || conditions.IsFalse(ConditionTypes.PreRestoreHookExecutionSucceeded)
            || conditions.IsFalse(ConditionTypes.PostRestoreHookExecutionSucceeded)
            || conditions.IsTrue(ConditionTypes.RestoreDisrupted)
        )
        {
            return TargetPhase.Failed;
        }

        if (
            status.TotalHosts is not { } hosts
            || conditions.Count == 0
            || conditions.IsFalse(ConditionTypes.RestoreTargetFound)
        )
        {
            return TargetPhase.Pending;
        }

        var finished = status.Stats.Where(host => host.Phase != HostPhase.Running).ToList();
        return finished.Count < hosts ? TargetPhase.Running
            : finished.Exists(host => host.Phase == HostPhase.Unknown) ? TargetPhase.Unknown
            : finished.Exists(host => host.Phase == HostPhase.Failed) ? TargetPhase.Failed
            : TargetPhase.Succeeded;
    }

    /// <summary>A RestoreSession (§2.8); Invalid is reported although nothing was started.</summary>
    public static string Restore(RestoreSessionStatus status, bool failOnMetrics)
    {
        var conditions = status.Conditions;
        var isLastStepDone = conditions.Has(ConditionTypes.MetricsPushed);
        if (
            (failOnMetrics && conditions.IsFalse(ConditionTypes.MetricsPushed))
            || (isLastStepDone && conditions.IsTrue(ConditionTypes.DeadlineExceeded))
        )
        {
            return RestorePhase.Failed;
        }

        if (status.TotalHosts is null && conditions.IsFalse(ConditionTypes.ValidationPassed))
        {
            return RestorePhase.Invalid;
        }

        // What has begun goes on even if the Repository object vanishes meanwhile: only an unstarted restore waits for
        // things.
        var target = RestoreTarget(status);
        return target switch
        {
            TargetPhase.Pending => RestorePhase.Pending,
            TargetPhase.Running => RestorePhase.Running,
            _ => isLastStepDone ? target : RestorePhase.Running,
        };
    }

    public static bool IsFinished(string? targetPhase) =>
        targetPhase is TargetPhase.Succeeded or TargetPhase.Failed or TargetPhase.Unknown;
}
