using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Machinery;

/// <summary>
/// Keys that want attention. A key is in the queue at most once, is never worked on twice at the same time, comes again
/// when it was added while being worked on, and comes back with growing delays after an error.
/// </summary>
public sealed class WorkQueue<TKey>(TimeProvider time, ILogger log, string name)
    where TKey : notnull
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(10);

    private readonly Channel<TKey> _channel = Channel.CreateUnbounded<TKey>();
    private readonly Lock _lock = new();
    private readonly HashSet<TKey> _waiting = [];
    private readonly HashSet<TKey> _working = [];
    private readonly HashSet<TKey> _again = [];
    private readonly ConcurrentDictionary<TKey, int> _failures = new();

    public void Add(TKey key)
    {
        lock (_lock)
        {
            if (_working.Contains(key))
            {
                _again.Add(key);
                return;
            }

            if (!_waiting.Add(key))
            {
                return;
            }
        }

        _channel.Writer.TryWrite(key);
    }

    /// <summary>Adds the key when the (possibly simulated) clock has advanced by <paramref name="delay"/>.</summary>
    public void AddAfter(TKey key, TimeSpan delay, CancellationToken ct) => _ = AddLaterAsync(key, delay, time, ct);

    /// <summary>Works keys off until cancelled.</summary>
    public Task RunAsync(Func<TKey, CancellationToken, Task> work, int workers, CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(work, ct)));

    private async Task WorkAsync(Func<TKey, CancellationToken, Task> work, CancellationToken ct)
    {
        try
        {
            await foreach (var key in _channel.Reader.ReadAllAsync(ct))
            {
                lock (_lock)
                {
                    _waiting.Remove(key);
                    _working.Add(key);
                }

                await WorkOnceAsync(work, key, ct);
                bool again;
                lock (_lock)
                {
                    _working.Remove(key);
                    again = _again.Remove(key);
                }

                if (again)
                {
                    Add(key);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task WorkOnceAsync(Func<TKey, CancellationToken, Task> work, TKey key, CancellationToken ct)
    {
        try
        {
            await work(key, ct);
            _failures.TryRemove(key, out _);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            var failures = _failures.AddOrUpdate(key, 1, (_, n) => n + 1);
            var delay = TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(failures - 1, 20)));
            if (e is not ApiRequestException { IsConflict: true })
            {
                log.LogDebug(e, "{Queue}: {Key} failed {Failures} times, again in {Delay}", name, key, failures, delay);
            }

            // Errors are retried in real time: a simulated clock must not hold up recovery.
            _ = AddLaterAsync(key, delay, TimeProvider.System, ct);
        }
    }

    private async Task AddLaterAsync(TKey key, TimeSpan delay, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            await Task.Delay(delay < TimeSpan.Zero ? TimeSpan.Zero : delay, clock, ct);
            Add(key);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }
}
