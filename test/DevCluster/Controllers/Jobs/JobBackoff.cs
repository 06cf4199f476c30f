using k8s.Models;

namespace Granary.DevCluster.Controllers.Jobs;

/// <summary>How long a Job waits before its next Pod: doubles with every failure since the last success.</summary>
internal static class JobBackoff
{
    public static TimeSpan Remaining(IEnumerable<V1Pod> pods, int failures, ControllerOptions options, DateTime now)
    {
        var ended = pods.Where(pod => pod.IsTerminal() || pod.IsDeleted())
            .OrderByDescending(pod => pod.FinishedAt())
            .ToList();
        var since = ended.TakeWhile(pod => pod.Status?.Phase != "Succeeded").ToList();
        if (since.Count == 0 || failures == 0)
        {
            return TimeSpan.Zero;
        }

        var doublings = Math.Min(Math.Min(since.Count, failures) - 1, 30);
        var delay = TimeSpan.FromTicks(
            Math.Min(options.MaxJobBackoff.Ticks, options.JobBackoff.Ticks << Math.Max(doublings, 0))
        );
        var remaining = since[0].FinishedAt() + delay - now;
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }
}
