using System.Collections.Concurrent;

namespace KubeOps.Operator.Watcher;

/// <summary>Tells whether watches are alive: when the API server last said something on each of them.</summary>
/// <remarks>
/// A live watch hears events or bookmarks, and is opened anew every few minutes even when nothing happens. A silence of
/// ten minutes therefore means that a watch is dead.
/// </remarks>
public sealed class WatchLiveness(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, WatchState> _watches = new();

    /// <summary>All watches of controllers that are meant to run.</summary>
    public IReadOnlyCollection<WatchState> Watches => [.. _watches.Values];

    /// <summary>The longest silence of any watch; zero without watches.</summary>
    public TimeSpan LongestSilence
    {
        get
        {
            var now = time.GetUtcNow();
            return _watches.Values.Select(watch => now - watch.LastContact).DefaultIfEmpty(TimeSpan.Zero).Max();
        }
    }

    /// <summary>The silence of one watch; zero when it is not meant to run.</summary>
    internal TimeSpan SilenceOf(string name) =>
        _watches.TryGetValue(name, out var state) ? time.GetUtcNow() - state.LastContact : TimeSpan.Zero;

    internal void Contact(string name, bool isConnected) =>
        _watches[name] = new WatchState(name, isConnected, time.GetUtcNow());

    internal void Disconnected(string name)
    {
        if (_watches.TryGetValue(name, out var state))
        {
            _watches[name] = state with { IsConnected = false };
        }
    }

    internal void Stopped(string name) => _watches.TryRemove(name, out _);
}

/// <summary>One watch.</summary>
/// <param name="Name">Controller and entity.</param>
/// <param name="IsConnected">Whether the stream is open.</param>
/// <param name="LastContact">When the API server last said something, in UTC.</param>
public sealed record WatchState(string Name, bool IsConnected, DateTimeOffset LastContact);
