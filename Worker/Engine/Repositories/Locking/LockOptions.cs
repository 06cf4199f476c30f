namespace Granary.Engine.Repositories.Locking;

/// <summary>How long an attempt to lock waits, and which locks it removes.</summary>
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
    /// Whether a lock in the way is removed when its owner must be dead. Either its process was of this very process
    /// space (and Pod) and is gone. Or it is stale by its age and was not refreshed while we waited
    /// (<see cref="LockTimes"/>): its age alone may be our clock's mistake. Default: false.
    /// </summary>
    public bool RemoveStale { get; init; }
}
