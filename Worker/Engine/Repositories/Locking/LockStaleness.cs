using System.Collections.Concurrent;
using System.Diagnostics;

namespace Granary.Engine.Repositories.Locking;

/// <summary>Which locks have no living owner. Source: repository format §13.</summary>
internal sealed class LockStaleness(TimeProvider time)
{
    // When each lock in our way was first seen, by a clock that does not jump.
    private readonly ConcurrentDictionary<string, long> _firstSeen = new(StringComparer.Ordinal);

    /// <summary>Whether the owner is known to be gone for good.</summary>
    public static async Task<bool> IsOwnerGoneAsync(
        LockHolder holder,
        LockOptions options,
        CancellationToken cancellationToken
    ) => options.IsOwnerGoneAsync is { } ask && await ask(holder, cancellationToken);

    /// <summary>
    /// Whether a lock is stale by restic's rule, which ours narrows where a lock names its process space.
    /// </summary>
    public static bool IsStale(LockHolder holder, LockOwner self, DateTimeOffset now) =>
        now - holder.Since > LockTimes.StaleAfter
        || IsPodReplaced(holder, self)
        || (
            holder.Hostname == self.Hostname
            && (holder.ProcessSpace is null || holder.ProcessSpace == self.ProcessSpace)
            && !IsAlive(holder.ProcessId)
        );

    /// <summary>
    /// Whether a lock in our way may be removed. Either its process was of our process space and Pod and is gone, or it
    /// is old and was not refreshed while we watched.
    /// </summary>
    public bool MayRemove(LockHolder holder, LockOwner self)
    {
        // Pods of one name may live in several clusters, and containers of one host name on one machine see nothing of
        // each other's processes.
        if (
            holder.Hostname == self.Hostname
            && holder.PodUid == self.PodUid
            && holder.ProcessSpace is not null
            && holder.ProcessSpace == self.ProcessSpace
            && !IsAlive(holder.ProcessId)
        )
        {
            return true;
        }

        var seen = _firstSeen.GetOrAdd(holder.LockId, _ => time.GetTimestamp());
        return time.GetUtcNow() - holder.Since > LockTimes.StaleAfter
            && time.GetElapsedTime(seen) > LockTimes.UnrefreshedAfter;
    }

    // A Pod of our name and another UID was our predecessor; it had our process id, too, so that the process would look
    // alive.
    private static bool IsPodReplaced(LockHolder holder, LockOwner self) =>
        holder.PodUid is not null
        && self.PodUid is not null
        && holder.Pod == $"{self.PodNamespace}/{self.PodName}"
        && holder.PodUid != self.PodUid;

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
