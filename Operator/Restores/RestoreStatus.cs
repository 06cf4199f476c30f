using Granary.Api;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Sessions;

namespace Granary.Operator.Restores;

/// <summary>Changes a RestoreSession's status in memory; phases follow, see <see cref="Conclude"/>.</summary>
internal static class RestoreStatus
{
    private static readonly string[] Unwanted = [ConditionTypes.DeadlineExceeded, ConditionTypes.RestoreDisrupted];

    /// <param name="failure">Why there is no Job; null when there is one.</param>
    public static void Started(RestoreSession session, string? failure, DateTimeOffset now)
    {
        session.Status.Conditions.Set(
            ConditionTypes.RestoreExecutorEnsured,
            failure is null,
            failure is null
                ? ConditionReasons.SuccessfullyEnsuredRestoreExecutor
                : ConditionReasons.FailedToEnsureRestoreExecutor,
            failure ?? "The restore Job was created.",
            now
        );
        if (failure is null)
        {
            session.Status.TotalHosts ??= 1;
        }
    }

    public static void Disrupted(RestoreSession session, RestoreMember member, string message, DateTimeOffset now)
    {
        session.Status.Conditions.Set(
            ConditionTypes.RestoreDisrupted,
            true,
            ConditionReasons.FailedToCompleteDueToDisruption,
            message,
            now
        );
        session.Status.Stats.RemoveAll(host => host.Phase == HostPhase.Running);
        if (session.Status.TotalHosts is { } hosts && session.Status.Stats.Count < hosts)
        {
            session.Status.Stats.Add(
                new HostRestoreStats
                {
                    Hostname = member.ReportedHost,
                    Phase = HostPhase.Failed,
                    Error = message,
                }
            );
        }
    }

    /// <summary>Computes phase, duration and the Ready condition from what is there.</summary>
    /// <param name="trouble">What holds up a running restore.</param>
    public static void Conclude(
        RestoreSession session,
        OperatorOptions options,
        DateTimeOffset now,
        string? trouble = null
    )
    {
        var status = session.Status;
        status.Phase = PhaseOf.Restore(status, options.FailOnMetricsError);
        if (RestorePhase.IsFinal(status.Phase))
        {
            status.SessionDuration ??= GoDuration.Format(Elapsed(session, now));
        }

        Readiness.Set(
            status.Conditions,
            status.Phase == RestorePhase.Succeeded,
            status.Phase,
            Message(status, trouble),
            session.Metadata.Generation,
            now
        );
    }

    public static DateTimeOffset Created(RestoreSession session) =>
        new(DateTime.SpecifyKind(session.Metadata.CreationTimestamp ?? DateTime.UnixEpoch, DateTimeKind.Utc));

    public static TimeSpan Elapsed(RestoreSession session, DateTimeOffset now) =>
        TimeSpan.FromSeconds(Math.Max(0, Math.Round((now - Created(session)).TotalSeconds)));

    public static string Message(RestoreSessionStatus status, string? trouble = null) =>
        status.Phase switch
        {
            RestorePhase.Succeeded => "The restore succeeded.",
            RestorePhase.Running => trouble is null ? "The restore is running." : $"The restore is held up: {trouble}",
            _ => Trouble(status) is { Length: > 0 } failure ? failure : "The restore has not started.",
        };

    private static string Trouble(RestoreSessionStatus status)
    {
        var error = status.Stats.Find(host => host.Phase == HostPhase.Failed)?.Error;
        var others = status.Conditions.Where(condition => condition.Type != ConditionTypes.MetricsPushed);
        return error is { Length: > 0 } ? error
            : Readiness.Trouble(others, Unwanted) is { Length: > 0 } trouble ? trouble
            : status.Conditions.Find(ConditionTypes.MetricsPushed)?.Message ?? "";
    }
}
