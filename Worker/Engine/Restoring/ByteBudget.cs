namespace Granary.Engine.Restoring;

/// <summary>A number of bytes to share out. Those who wait are served in order.</summary>
internal sealed class ByteBudget(long total)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Served)> _waiting = [];
    private readonly long _total = total;
    private long _free = total;

    /// <summary>Takes bytes, or the whole budget if more are wanted than there are, and returns how many were taken.</summary>
    public async Task<long> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        bytes = Math.Min(bytes, _total);
        TaskCompletionSource served;
        lock (_lock)
        {
            if (_waiting.Count == 0 && bytes <= _free)
            {
                _free -= bytes;
                return bytes;
            }

            served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((bytes, served));
        }

        // A budget ends with its dump: a waiter that gives up need not be taken out of the queue.
        await served.Task.WaitAsync(cancellationToken);
        return bytes;
    }

    public void Return(long bytes)
    {
        lock (_lock)
        {
            _free += bytes;
            while (_waiting.TryPeek(out var next) && next.Bytes <= _free)
            {
                _waiting.Dequeue();
                _free -= next.Bytes;
                next.Served.SetResult();
            }
        }
    }
}
