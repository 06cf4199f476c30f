namespace KubeOps.Operator.Health;

/// <summary>When the elector last asked for its Lease, whatever the answer was.</summary>
/// <remarks>
/// Every attempt is bounded in time. An elector that has not tried for long therefore hangs, or waits for work of a
/// lost term that does not end.
/// </remarks>
internal sealed class LeaseContention(TimeProvider time)
{
    private readonly Lock _lock = new();
    private long? _tried;

    /// <summary>The time since the last attempt; zero when no elector runs.</summary>
    public TimeSpan SinceLastTry
    {
        get
        {
            lock (_lock)
            {
                return _tried is { } tried ? time.GetElapsedTime(tried) : TimeSpan.Zero;
            }
        }
    }

    public void Tried()
    {
        lock (_lock)
        {
            _tried = time.GetTimestamp();
        }
    }

    public void Stopped()
    {
        lock (_lock)
        {
            _tried = null;
        }
    }
}
