using System.Collections.Concurrent;

namespace KubeOps.Operator.Health;

/// <summary>Tells whether watches are alive: when the API server last said something on each of them.</summary>
/// <remarks>
/// A live watch hears events or bookmarks, and is opened anew every few minutes even when nothing happens. A silence of
/// ten minutes therefore means that a watch is dead.
/// </remarks>
public sealed class WatchLiveness(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (WatchState State, long Contact)> _watches = new();

    /// <summary>All watches of controllers that are meant to run.</summary>
    public IReadOnlyCollection<WatchState> Watches => [.. _watches.Values.Select(watch => watch.State)];

    /// <summary>The longest silence of any watch; zero without watches.</summary>
    public TimeSpan LongestSilence =>
        _watches.Values.Select(watch => time.GetElapsedTime(watch.Contact)).DefaultIfEmpty(TimeSpan.Zero).Max();

    /// <summary>The silence of one watch; zero when it is not meant to run.</summary>
    internal TimeSpan SilenceOf(string name) =>
        _watches.TryGetValue(name, out var watch) ? time.GetElapsedTime(watch.Contact) : TimeSpan.Zero;

    /// <summary>A watch is meant to run from now on.</summary>
    internal void Started(string name) => Contact(name, isConnected: false);

    /// <summary>The API server said something.</summary>
    internal void Contact(string name) => Contact(name, isConnected: true);

    internal void Disconnected(string name)
    {
        if (_watches.TryGetValue(name, out var watch))
        {
            _watches[name] = watch with { State = watch.State with { IsConnected = false } };
        }
    }

    internal void Stopped(string name) => _watches.TryRemove(name, out _);

    private void Contact(string name, bool isConnected) =>
        _watches[name] = (new WatchState(name, isConnected, time.GetUtcNow()), time.GetTimestamp());
}

/// <summary>One watch.</summary>
/// <param name="Name">Controller and entity.</param>
/// <param name="IsConnected">Whether the stream is open.</param>
/// <param name="LastContact">When the API server last said something, in UTC.</param>
public sealed record WatchState(string Name, bool IsConnected, DateTimeOffset LastContact);
