using Granary.Engine.Ids;
using Granary.Storage;

namespace Granary.Engine.Repositories;

/// <summary>A repository whose password was right: its locks and snapshots can be read. Blobs need the index.</summary>
public sealed class OpenRepository
{
    /// <summary>The repository's id: 64 hexadecimal digits.</summary>
    public string Id => throw new NotSupportedException();

    /// <summary>Format version, 1 or 2.</summary>
    public int Version => throw new NotSupportedException();

    /// <summary>Where it lives.</summary>
    public IBackend Backend => throw new NotSupportedException();

    /// <summary>Takes a lock, which is kept fresh until it is disposed of.</summary>
    /// <exception cref="RepositoryLockedException">Somebody else's lock is in the way, and stayed for as long as the options say.</exception>
    public Task<RepositoryLock> LockAsync(LockMode mode, LockOwner owner, LockOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Takes a lock at once or not at all.</summary>
    public Task<RepositoryLock> LockAsync(LockMode mode, LockOwner owner, CancellationToken cancellationToken) =>
        LockAsync(mode, owner, new LockOptions(), cancellationToken);

    /// <summary>Lists who holds locks. Unreadable locks are left out.</summary>
    public IAsyncEnumerable<LockHolder> LocksAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Removes stale locks: older than 30 minutes, or known to be dead. Returns how many.</summary>
    public Task<int> UnlockAsync(LockOwner self, LockOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Removes every lock, whoever holds it. Dangerous beside a writer.</summary>
    public Task<int> UnlockAllAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>All snapshots that pass a filter, oldest first.</summary>
    public Task<IReadOnlyList<Snapshot>> SnapshotsAsync(SnapshotFilter filter, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Finds one snapshot: a unique prefix of an id (the filter plays no part then), or <c>latest</c> among those that pass the filter.</summary>
    /// <exception cref="SnapshotNotFoundException">None, or more than one.</exception>
    public Task<Snapshot> FindSnapshotAsync(string idPrefixOrLatest, SnapshotFilter filter, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Reads one snapshot.</summary>
    public Task<Snapshot> SnapshotAsync(SnapshotId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Reads every index file. Find snapshots first: one that is seen is then certainly covered by the index.</summary>
    public Task<IndexedRepository> LoadIndexAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
