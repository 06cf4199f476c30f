using KubeOps.Abstractions.Builder;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KubeOps.Operator.Health;

/// <summary>
/// Whether the operator still works: by its oldest reconciliation, the age of each watch, and the Lease. A start anew
/// mends what it finds.
/// </summary>
internal sealed class LivenessCheck(
    WorkingReconciliations reconciliations,
    WatchLiveness watches,
    LeaseContention lease,
    OperatorSettings settings
) : IHealthCheck
{
    /// <summary>The name under which it is registered.</summary>
    public const string Name = "kubeops";

    /// <summary>
    /// A reconciliation that runs for longer ignores its token, which was cancelled at the deadline.
    /// </summary>
    public static readonly TimeSpan LongestReconciliation = ReconciliationDeadline.Default + TimeSpan.FromMinutes(1);

    /// <summary>A live watch is opened anew every few minutes, even when nothing happens.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(10);

    /// <summary>The elector waits this long at most between two tries, with time for a slow machine.</summary>
    public TimeSpan LongestContention =>
        (settings.LeaderElectionRenewDeadline + settings.LeaderElectionRetryPeriod) * 10;

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        var complaints = Complaints().ToList();
        return Task.FromResult(
            complaints.Count == 0
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, string.Join("; ", complaints))
        );
    }

    private IEnumerable<string> Complaints()
    {
        if (reconciliations.Oldest is { } oldest && oldest.Age > LongestReconciliation)
        {
            yield return $"the reconciliation of {oldest.Name} runs for {Whole(oldest.Age)}";
        }

        foreach (var watch in watches.Watches.OrderBy(watch => watch.Name, StringComparer.Ordinal))
        {
            if (watches.SilenceOf(watch.Name) is var silence && silence > LongestSilence)
            {
                yield return $"the watch {watch.Name} has heard nothing for {Whole(silence)}";
            }
        }

        if (lease.SinceLastTry is var waited && waited > LongestContention)
        {
            yield return $"the lease {settings.Name}-leader was not asked for since {Whole(waited)}";
        }
    }

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds(Math.Floor(time.TotalSeconds));
}
