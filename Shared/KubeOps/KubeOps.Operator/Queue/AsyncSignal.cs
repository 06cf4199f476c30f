namespace KubeOps.Operator.Queue;

/// <summary>Wakes one waiting loop. A signal that comes while nobody waits is kept; several are one.</summary>
internal sealed class AsyncSignal : IDisposable
{
    // Timers refuse more than 49 days; one look a day costs nothing.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _raised = new(0, 1);
    private readonly Lock _lock = new();

    /// <summary>Wakes the loop.</summary>
    public void Raise()
    {
        lock (_lock)
        {
            if (_raised.CurrentCount == 0)
            {
                _raised.Release();
            }
        }
    }

    /// <summary>Waits for a signal, or until the time has passed.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        // A timer that fires late raises the signal once too often, which costs one look.
        using var timer =
            atMost == Timeout.InfiniteTimeSpan
                ? null
                : time.CreateTimer(
                    static state => ((AsyncSignal)state!).Raise(),
                    this,
                    atMost < LongestTimer ? atMost : LongestTimer,
                    Timeout.InfiniteTimeSpan
                );
        await _raised.WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => _raised.Dispose();
}
