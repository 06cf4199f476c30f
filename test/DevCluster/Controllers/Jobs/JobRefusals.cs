using System.Collections.Concurrent;

namespace Granary.DevCluster.Controllers.Jobs;

/// <summary>
/// How long to wait after a Pod that might not be created: a second, then twice as long each time, up to a minute, as
/// Kubernetes' Job controller waits.
/// </summary>
internal sealed class JobRefusals
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Counts one more refusal of a Job's Pod.</summary>
    /// <param name="uid">The Job.</param>
    public TimeSpan Next(string uid)
    {
        var count = _counts.AddOrUpdate(uid, 0, (_, n) => Math.Min(n + 1, 6));
        return TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << count));
    }

    /// <summary>The Job's Pod was created, or the Job has gone.</summary>
    public void Forget(string uid) => _counts.TryRemove(uid, out _);
}
