using System.Collections.Concurrent;

namespace KubeOps.Operator.Health;

/// <summary>The reconciliations that run, over all controllers, and since when.</summary>
internal sealed class WorkingReconciliations(TimeProvider time)
{
    private readonly ConcurrentDictionary<object, (string Name, long Since)> _running = new();

    /// <summary>The one that runs for longest; null when none runs.</summary>
    public (string Name, TimeSpan Age)? Oldest
    {
        get
        {
            (string Name, TimeSpan Age)? oldest = null;
            foreach (var (name, since) in _running.Values)
            {
                var age = time.GetElapsedTime(since);
                if (oldest is null || age > oldest.Value.Age)
                {
                    oldest = (name, age);
                }
            }

            return oldest;
        }
    }

    /// <summary>Notes that one has begun; disposing the answer notes its end.</summary>
    public IDisposable Begin(string name)
    {
        var run = new Run(this);
        _running[run] = (name, time.GetTimestamp());
        return run;
    }

    private sealed class Run(WorkingReconciliations all) : IDisposable
    {
        public void Dispose() => all._running.TryRemove(this, out _);
    }
}
