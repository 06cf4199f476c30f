namespace Granary.Storage.Decorators;

/// <summary>Spreads bytes evenly over time: each caller waits until it may go on.</summary>
/// <remarks>
/// Idle time is not saved up, so a pause is not followed by a burst. Each caller waits for its own bytes too, so that
/// the rate holds for one large read as it holds for many small ones.
/// </remarks>
internal sealed class BytePacer(ByteSize perSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _paidUntil;

    /// <summary>Waits until so many bytes may pass.</summary>
    public Task WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        var delay = Reserve(bytes);
        return delay > TimeSpan.Zero ? Task.Delay(delay, time, cancellationToken) : Task.CompletedTask;
    }

    private TimeSpan Reserve(int bytes)
    {
        var cost = TimeSpan.FromSeconds((double)bytes / perSecond.Bytes);
        lock (_gate)
        {
            var now = time.GetElapsedTime(_start);
            var begin = _paidUntil > now ? _paidUntil : now;
            _paidUntil = begin + cost;
            return _paidUntil - now;
        }
    }
}
