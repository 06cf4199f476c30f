using Granary.Engine.Repositories.Locking;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Engine.Repositories;

/// <summary>How a repository is opened.</summary>
public record OpenOptions
{
    /// <summary>The name of the key file to try first, or its beginning, if it is known.</summary>
    public string? KeyHint { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where messages go. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}

/// <summary>How a repository is made.</summary>
public sealed record InitOptions : OpenOptions
{
    /// <summary>Format version, 1 or 2. Default: 2.</summary>
    public int Version { get; init; } = 2;

    /// <summary>Host name to note in the key file.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>User name to note in the key file.</summary>
    public string Username { get; init; } = "";

    /// <summary>The cost of the password's key. Default: <see cref="KeyCost.Default"/>.</summary>
    public KeyCost Cost { get; init; } = KeyCost.Default;

    // What others save at the same moment shows within this, where a store's listings lag; tests do without.
    internal TimeSpan SettleTime { get; init; } = LockTimes.SettleTime;
}

/// <summary>scrypt's cost. Memory is 128·N·r bytes. Source: repository format §5.2.</summary>
/// <param name="N">A power of two above 1.</param>
/// <param name="R">Block size.</param>
/// <param name="P">Repetitions; costs time only.</param>
public sealed record KeyCost(int N, int R, int P)
{
    /// <summary>N = 32768, r = 8, p = 4: 32 MiB and about a fifth of a second.</summary>
    public static KeyCost Default { get; } = new(32768, 8, 4);
}

/// <summary>Whether a lock shuts out other shared locks.</summary>
public enum LockMode
{
    /// <summary>For backup, dump, restore, stats and listing; many may hold one.</summary>
    Shared,

    /// <summary>For forget, prune, check and repair; nobody else may hold any.</summary>
    Exclusive,
}

/// <summary>Who takes a lock.</summary>
/// <param name="Hostname">Host name; on Kubernetes the Pod's name.</param>
/// <param name="Username">User name.</param>
/// <param name="ProcessId">Process id.</param>
/// <param name="PodNamespace">The Pod's namespace, if there is a Pod.</param>
/// <param name="PodName">The Pod's name.</param>
/// <param name="PodUid">The Pod's UID, by which a dead owner is recognised.</param>
public sealed record LockOwner(
    string Hostname,
    string Username,
    int ProcessId,
    string? PodNamespace = null,
    string? PodName = null,
    string? PodUid = null
)
{
    /// <summary>Numeric user id; left out of the file when 0.</summary>
    public uint UserId { get; init; }

    /// <summary>Numeric group id; left out of the file when 0.</summary>
    public uint GroupId { get; init; }

    /// <summary>
    /// Within what the process id means something: the same text only for processes that one kernel shows to each
    /// other. Null where nobody knows. A host name does not tell that: containers and cloned machines share theirs.
    /// </summary>
    public string? ProcessSpace { get; init; }
}

/// <summary>How patient an attempt to lock is.</summary>
public sealed record LockOptions
{
    /// <summary>
    /// For how long to try again while somebody else's lock is in the way; <see cref="LockTimes"/> has the waits.
    /// Default: not at all.
    /// </summary>
    public TimeSpan WaitFor { get; init; }

    /// <summary>
    /// Asked about each lock in the way: is its owner known to be gone for good? Such a lock is removed. Default:
    /// never. On Kubernetes: its Pod, compared by UID, no longer exists.
    /// </summary>
    public Func<LockHolder, CancellationToken, ValueTask<bool>>? IsOwnerGoneAsync { get; init; }

    /// <summary>
    /// Whether a lock in the way is removed when its owner must be dead: its process was of this very process space
    /// (and Pod) and is gone, or it is stale by its age and was not refreshed while we waited either
    /// (<see cref="LockTimes"/>), since its age alone may be our clock's mistake. Default: false.
    /// </summary>
    public bool RemoveStale { get; init; }
}
