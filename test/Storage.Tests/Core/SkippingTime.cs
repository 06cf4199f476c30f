namespace Granary.Storage.Tests.Core;

/// <summary>A clock that stands still, except that it jumps forward at once when someone waits.</summary>
public sealed class SkippingTime : TimeProvider
{
    private readonly Lock _gate = new();
    private TimeSpan _slept;

    /// <summary>All waits together.</summary>
    public TimeSpan Slept
    {
        get
        {
            lock (_gate)
            {
                return _slept;
            }
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Slept.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Slept;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        lock (_gate)
        {
            _slept += dueTime;
        }

        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
