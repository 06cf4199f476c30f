using KubeOps.Abstractions.Builder;

namespace KubeOps.Operator.Queue;

/// <summary>When to try again after a failure.</summary>
/// <remarks>
/// The delay doubles for the first <see cref="ParallelReconciliationSettings.MaxErrorRetries" /> attempts, up to five
/// minutes, and stays there for ever: an object must not be forgotten because the API server was away for a while. A
/// part of the delay is random, so that objects which failed together do not come back together.
/// </remarks>
internal sealed class RetryDelays(ParallelReconciliationSettings settings, Random random)
{
    private const double JitterShare = 0.2;
    private static readonly TimeSpan ConflictBase = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The delay before the n-th retry, or null when retries are switched off.</summary>
    public TimeSpan? AfterError(int retryCount)
    {
        if (settings.MaxErrorRetries <= 0)
        {
            return null;
        }

        var delay = settings.GetErrorBackoffDelay(Math.Clamp(retryCount, 1, settings.MaxErrorRetries));
        return Jittered(delay < Longest ? delay : Longest);
    }

    /// <summary>The delay after a write that met a newer version: soon, the world is only read again.</summary>
    public TimeSpan AfterConflict() => Jittered(ConflictBase) + ConflictBase;

    private TimeSpan Jittered(TimeSpan delay) => delay * (1 + ((random.NextDouble() - 0.5) * 2 * JitterShare));
}
