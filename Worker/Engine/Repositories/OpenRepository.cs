using Granary.Engine.Chunking;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Records;
using Granary.Engine.Repositories.Files;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Microsoft.Extensions.Logging;

namespace Granary.Engine.Repositories;

/// <summary>A repository whose password was right: its locks and snapshots can be read. Blobs need the index.</summary>
public sealed class OpenRepository
{
    private readonly ConfigRecord _config;
    private readonly LockFiles _locks;
    private readonly LockAcquisition _acquisition;
    private readonly SnapshotFiles _snapshots;
    private readonly IndexLoader _index;

    internal OpenRepository(
        IBackend backend,
        ConfigRecord config,
        RepositoryKeys keys,
        Chunker chunker,
        OpenOptions options
    )
    {
        _config = config;
        Keys = keys;
        Chunker = chunker;
        Stored = new StoredFiles(backend, keys.Sealer, config.Version, options.Time, options.Logger);
        _locks = new LockFiles(Stored);
        _acquisition = new LockAcquisition(Stored, _locks);
        _snapshots = new SnapshotFiles(Stored);
        _index = new IndexLoader(Stored);
    }

    /// <summary>The repository's id: 64 hexadecimal digits.</summary>
    public string Id => _config.Id;

    /// <summary>Format version, 1 or 2.</summary>
    public int Version => _config.Version;

    /// <summary>The name of the key file that the password opened.</summary>
    public string KeyFile => Keys.File;

    /// <summary>Where it lives.</summary>
    public IBackend Backend => Stored.Backend;

    internal RepositoryKeys Keys { get; set; }

    internal ConfigRecord Config => _config;

    internal StoredFiles Stored { get; }

    internal Sealer Sealer => Stored.Sealer;

    internal Chunker Chunker { get; }

    internal TimeProvider Time => Stored.Time;

    internal ILogger Logger => Stored.Logger;

    internal EngineBuffers Buffers { get; } = new();

    /// <summary>Takes a lock, which is kept fresh until it is disposed of.</summary>
    /// <exception cref="RepositoryLockedException">
    /// Somebody else's lock is in the way, and stayed for as long as the options say.
    /// </exception>
    /// <exception cref="DamagedFileException">
    /// A lock cannot be read, four times in 35 seconds; only <see cref="UnlockAllAsync"/> helps.
    /// </exception>
    public Task<RepositoryLock> LockAsync(
        LockMode mode,
        LockOwner owner,
        LockOptions options,
        CancellationToken cancellationToken
    ) => _acquisition.AcquireAsync(mode, owner, options, cancellationToken);

    /// <summary>Takes a lock at once or not at all.</summary>
    public Task<RepositoryLock> LockAsync(LockMode mode, LockOwner owner, CancellationToken cancellationToken) =>
        LockAsync(mode, owner, new LockOptions(), cancellationToken);

    /// <summary>Lists the owners of locks. Unreadable locks are left out.</summary>
    public IAsyncEnumerable<LockHolder> LocksAsync(CancellationToken cancellationToken) =>
        _locks.ReadableAsync(cancellationToken);

    /// <summary>
    /// Removes stale locks: older than 30 minutes, of a process of this host that is gone, or known to be dead. Returns
    /// how many.
    /// </summary>
    public Task<int> UnlockAsync(LockOwner self, LockOptions options, CancellationToken cancellationToken) =>
        _locks.RemoveStaleAsync(self, options, cancellationToken);

    /// <summary>Removes every lock of every owner. Dangerous beside a writer.</summary>
    public Task<int> UnlockAllAsync(CancellationToken cancellationToken) => _locks.RemoveAllAsync(cancellationToken);

    /// <summary>All snapshots that pass a filter, oldest first.</summary>
    /// <exception cref="DamagedFileException">One cannot be read.</exception>
    public Task<IReadOnlyList<Snapshot>> SnapshotsAsync(SnapshotFilter filter, CancellationToken cancellationToken) =>
        _snapshots.ListAsync(filter, onDamage: null, cancellationToken);

    /// <inheritdoc cref="SnapshotFiles.ListAsync"/>
    public Task<IReadOnlyList<Snapshot>> SnapshotsAsync(
        SnapshotFilter filter,
        Action<SnapshotId, DamagedFileException>? onDamage,
        CancellationToken cancellationToken
    ) => _snapshots.ListAsync(filter, onDamage, cancellationToken);

    /// <inheritdoc cref="SnapshotFiles.FindAsync"/>
    public Task<Snapshot> FindSnapshotAsync(
        string idPrefixOrLatest,
        SnapshotFilter filter,
        CancellationToken cancellationToken
    ) => _snapshots.FindAsync(idPrefixOrLatest, filter, cancellationToken);

    /// <inheritdoc cref="SnapshotFiles.ResolveAsync"/>
    public Task<SnapshotId> ResolveAsync(string idPrefix, CancellationToken cancellationToken) =>
        _snapshots.ResolveAsync(idPrefix, cancellationToken);

    /// <inheritdoc cref="SnapshotFiles.LoadAsync"/>
    public Task<Snapshot> SnapshotAsync(SnapshotId id, CancellationToken cancellationToken) =>
        _snapshots.LoadAsync(id, cancellationToken);

    /// <inheritdoc cref="IndexLoader.LoadAsync"/>
    public async Task<IndexedRepository> LoadIndexAsync(CancellationToken cancellationToken) =>
        new(this, await _index.LoadAsync(cancellationToken));

    /// <inheritdoc cref="SnapshotFiles.NoteDeleted"/>
    internal void NoteDeleted(SnapshotId snapshot) => _snapshots.NoteDeleted(snapshot);

    /// <inheritdoc cref="SnapshotFiles.HasDeleted"/>
    internal bool HasDeleted(SnapshotId snapshot) => _snapshots.HasDeleted(snapshot);

    /// <inheritdoc cref="IndexLoader.FirstMissingAsync"/>
    internal Task<IndexId?> FirstMissingIndexAsync(IEnumerable<IndexId> saved, CancellationToken cancellationToken) =>
        _index.FirstMissingAsync(saved, cancellationToken);
}
