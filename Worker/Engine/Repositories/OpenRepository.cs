using System.Collections.Concurrent;
using Granary.Engine.Chunking;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Records;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Microsoft.Extensions.Logging;

namespace Granary.Engine.Repositories;

/// <summary>A repository whose password was right: its locks and snapshots can be read. Blobs need the index.</summary>
public sealed class OpenRepository
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ConfigRecord _config;
    private readonly LockFiles _locks;
    private readonly ConcurrentDictionary<SnapshotId, bool> _deleted = new();

    internal OpenRepository(
        IBackend backend,
        ConfigRecord config,
        RepositoryKeys keys,
        Chunker chunker,
        OpenOptions options
    )
    {
        _config = config;
        Backend = backend;
        Keys = keys;
        Chunker = chunker;
        Time = options.Time;
        Logger = options.Logger;
        Files = new UnpackedFiles(keys.Sealer, config.Version, options.Logger);
        _locks = new LockFiles(this);
    }

    /// <summary>The repository's id: 64 hexadecimal digits.</summary>
    public string Id => _config.Id;

    /// <summary>Format version, 1 or 2.</summary>
    public int Version => _config.Version;

    /// <summary>The name of the key file that the password opened.</summary>
    public string KeyFile => Keys.File;

    /// <summary>Where it lives.</summary>
    public IBackend Backend { get; }

    internal RepositoryKeys Keys { get; set; }

    internal ConfigRecord Config => _config;

    internal Sealer Sealer => Keys.Sealer;

    internal Chunker Chunker { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal UnpackedFiles Files { get; }

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
    ) => _locks.AcquireAsync(mode, owner, options, cancellationToken);

    /// <summary>Takes a lock at once or not at all.</summary>
    public Task<RepositoryLock> LockAsync(LockMode mode, LockOwner owner, CancellationToken cancellationToken) =>
        LockAsync(mode, owner, new LockOptions(), cancellationToken);

    /// <summary>Lists who holds locks. Unreadable locks are left out.</summary>
    public IAsyncEnumerable<LockHolder> LocksAsync(CancellationToken cancellationToken) =>
        _locks.ReadableAsync(cancellationToken);

    /// <summary>
    /// Removes stale locks: older than 30 minutes, of a process of this host that is gone, or known to be dead. Returns
    /// how many.
    /// </summary>
    public Task<int> UnlockAsync(LockOwner self, LockOptions options, CancellationToken cancellationToken) =>
        _locks.RemoveStaleAsync(self, options, cancellationToken);

    /// <summary>Removes every lock, whoever holds it. Dangerous beside a writer.</summary>
    public Task<int> UnlockAllAsync(CancellationToken cancellationToken) => _locks.RemoveAllAsync(cancellationToken);

    /// <summary>All snapshots that pass a filter, oldest first.</summary>
    /// <exception cref="DamagedFileException">One cannot be read.</exception>
    public Task<IReadOnlyList<Snapshot>> SnapshotsAsync(SnapshotFilter filter, CancellationToken cancellationToken) =>
        SnapshotsAsync(filter, onDamage: null, cancellationToken);

    /// <summary>All snapshots that pass a filter, oldest first, without those that cannot be read.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="onDamage">
    /// Told of each that cannot be read, one at a time; where it is null, the first one is an error.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DamagedFileException">One cannot be read, and nobody wishes to be told.</exception>
    public async Task<IReadOnlyList<Snapshot>> SnapshotsAsync(
        SnapshotFilter filter,
        Action<SnapshotId, DamagedFileException>? onDamage,
        CancellationToken cancellationToken
    )
    {
        var names = await NamesAsync(FileKind.Snapshot, cancellationToken);
        var snapshots = new ConcurrentBag<Snapshot>();
        var unfound = new ConcurrentBag<Sha256Id>();
        await ReadAsync(names, unfound);
        if (!unfound.IsEmpty)
        {
            // Forgotten meanwhile, if no longer listed. A store that lists what it cannot find must not be believed:
            // what only those snapshots need would be pruned.
            var listed = (await NamesAsync(FileKind.Snapshot, cancellationToken)).ToHashSet();
            var stillUnfound = new ConcurrentBag<Sha256Id>();
            await ReadAsync([.. unfound.Where(listed.Contains)], stillUnfound);
            foreach (var name in stillUnfound.Where(name => !HasDeleted(new SnapshotId(name))))
            {
                Report(
                    new SnapshotId(name),
                    new DamagedFileException(
                        new FileHandle(FileKind.Snapshot, name.ToString()).ToString(),
                        "it is listed, but the store says that there is no such file"
                    )
                );
            }
        }

        return
        [
            .. snapshots
                .Where(snapshot => filter.Matches(snapshot.Record))
                .OrderBy(snapshot => snapshot.Record.Time)
                .ThenBy(snapshot => snapshot.Id.Hash),
        ];

        Task ReadAsync(IReadOnlyCollection<Sha256Id> wanted, ConcurrentBag<Sha256Id> missing) =>
            Parallel.ForEachAsync(wanted, Parallelism(cancellationToken), async (name, token) =>
            {
                try
                {
                    if (await TryLoadSnapshotAsync(new SnapshotId(name), token) is { } snapshot)
                    {
                        snapshots.Add(snapshot);
                        return;
                    }

                    Logger.SnapshotUnfound(name.ToString());
                    missing.Add(name);
                }
                catch (DamagedFileException e)
                {
                    Report(new SnapshotId(name), e);
                }
            });

        void Report(SnapshotId id, DamagedFileException exception)
        {
            if (onDamage is null)
            {
                throw new DamagedFileException(
                    exception.File,
                    $"{exception.Reason}. Where no copy of it is left, forget {id} removes it",
                    exception
                );
            }

            lock (snapshots)
            {
                onDamage(id, exception);
            }
        }
    }

    /// <summary>
    /// Finds one snapshot: a unique prefix of an id (the filter plays no part then), or <c>latest</c> among those that
    /// pass the filter.
    /// </summary>
    /// <exception cref="SnapshotNotFoundException">None, or more than one.</exception>
    /// <exception cref="DamagedFileException">It cannot be read; for <c>latest</c>, any.</exception>
    public async Task<Snapshot> FindSnapshotAsync(
        string idPrefixOrLatest,
        SnapshotFilter filter,
        CancellationToken cancellationToken
    )
    {
        if (idPrefixOrLatest == "latest")
        {
            var matching = await SnapshotsAsync(filter, cancellationToken);
            return matching.Count > 0
                ? matching[^1]
                : throw new SnapshotNotFoundException($"{Backend.Location}: no snapshot matches");
        }

        return await SnapshotAsync(await ResolveAsync(idPrefixOrLatest, cancellationToken), cancellationToken);
    }

    /// <summary>The id of which a text is a unique prefix.</summary>
    /// <exception cref="SnapshotNotFoundException">None, or more than one.</exception>
    public async Task<SnapshotId> ResolveAsync(string idPrefix, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(FileKind.Snapshot, cancellationToken);
        var found = names
            .Where(name => idPrefix.Length > 0 && name.ToString().StartsWith(idPrefix, StringComparison.Ordinal))
            .ToList();
        return found.Count == 1
            ? new SnapshotId(found[0])
            : throw new SnapshotNotFoundException(
                $"{Backend.Location}: {found.Count} snapshots have an id that begins with '{idPrefix}'; exactly one "
                    + "is needed"
            );
    }

    /// <summary>Reads one snapshot.</summary>
    /// <exception cref="SnapshotNotFoundException">There is no such snapshot.</exception>
    /// <exception cref="DamagedFileException">It is damaged.</exception>
    public async Task<Snapshot> SnapshotAsync(SnapshotId id, CancellationToken cancellationToken) =>
        await TryLoadSnapshotAsync(id, cancellationToken)
        ?? throw new SnapshotNotFoundException($"{Backend.Location}: there is no snapshot {id}");

    /// <summary>
    /// Reads every index file. Find snapshots first: one that is seen is then certainly covered by the index.
    /// </summary>
    /// <exception cref="DamagedFileException">An index file is damaged.</exception>
    public async Task<IndexedRepository> LoadIndexAsync(CancellationToken cancellationToken)
    {
        // A file that vanishes between listing and reading was replaced by a prune, so that the listing is out of date
        // as a whole.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new IndexedRepository(this, await ReadIndexAsync(cancellationToken));
            }
            catch (StorageException e) when (e.Error == StorageError.NotFound && attempt < 3)
            {
                Logger.ReadAgain("index");
            }
        }
    }

    /// <summary>
    /// Deletes a file of ours that must not stay, whatever the caller wishes by now, but for a minute at most.
    /// </summary>
    /// <returns>Why it may still be there; null if it is gone.</returns>
    internal async Task<Exception?> TryTakeBackAsync(FileHandle file)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, Time);
            await Backend.DeleteAsync(file, patience.Token);
            return null;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            return e;
        }
    }

    /// <summary>
    /// Notes that a snapshot was deleted from here: some stores list a file for a while after it is gone.
    /// </summary>
    internal void NoteDeleted(SnapshotId snapshot) => _deleted[snapshot] = true;

    /// <summary>Whether a snapshot was deleted from here.</summary>
    internal bool HasDeleted(SnapshotId snapshot) => _deleted.ContainsKey(snapshot);

    /// <summary>
    /// Which of the files that were saved the store holds. One that a listing does not show is asked for by its name:
    /// some stores list a new file late.
    /// </summary>
    /// <returns>The first that is not there, or null.</returns>
    internal async Task<IndexId?> FirstMissingIndexAsync(
        IEnumerable<IndexId> saved,
        CancellationToken cancellationToken
    )
    {
        var listed = (await NamesAsync(FileKind.Index, cancellationToken)).ToHashSet();
        foreach (var file in saved.Where(file => !listed.Contains(file.Hash)))
        {
            if (await Backend.SizeAsync(new FileHandle(FileKind.Index, file.ToString()), cancellationToken) is null)
            {
                return file;
            }
        }

        return null;
    }

    /// <summary>The names of all files of a kind.</summary>
    internal async Task<List<Sha256Id>> NamesAsync(FileKind kind, CancellationToken cancellationToken)
    {
        var names = new List<Sha256Id>();
        await foreach (var file in Backend.ListAsync(kind, cancellationToken))
        {
            if (Sha256Id.TryParse(file.Name, out var name))
            {
                names.Add(name);
            }
        }

        return names;
    }

    /// <summary>The packs that are in the store now, with their sizes in bytes.</summary>
    internal async Task<Dictionary<PackId, long>> StoredPacksAsync(CancellationToken cancellationToken)
    {
        var packs = new Dictionary<PackId, long>();
        await foreach (var file in Backend.ListAsync(FileKind.Pack, cancellationToken))
        {
            if (Sha256Id.TryParse(file.Name, out var name))
            {
                packs[new PackId(name)] = file.Size;
            }
        }

        return packs;
    }

    internal ParallelOptions Parallelism(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Math.Max(1, Backend.Connections), CancellationToken = cancellationToken };

    private async Task<RepositoryIndex> ReadIndexAsync(CancellationToken cancellationToken)
    {
        var names = await NamesAsync(FileKind.Index, cancellationToken);
        var index = new RepositoryIndex();
        await Parallel.ForEachAsync(names, Parallelism(cancellationToken), async (name, token) =>
        {
            try
            {
                await Files.LoadAsync(
                    Backend,
                    FileKind.Index,
                    name,
                    json =>
                    {
                        foreach (var pack in IndexJson.Read(Version, json))
                        {
                            index.Add(pack.Id, pack.Blobs);
                        }

                        return true;
                    },
                    token
                );
            }
            catch (DamagedFileException e)
            {
                throw new DamagedFileException(e.File, $"{e.Reason}; run repair index", e);
            }

            index.AddFile(new IndexId(name));
        });
        Logger.IndexLoaded(
            names.Count,
            index.EntryCount(BlobType.Data) + index.EntryCount(BlobType.Tree),
            index.PackCount
        );
        return index;
    }

    private async Task<Snapshot?> TryLoadSnapshotAsync(SnapshotId id, CancellationToken cancellationToken)
    {
        try
        {
            var record = await Files.LoadAsync(Backend, FileKind.Snapshot, id.Hash, ReadSnapshot, cancellationToken);
            return new Snapshot(id, record);
        }
        catch (StorageException e) when (e.Error == StorageError.NotFound)
        {
            return null;
        }
    }

    private static SnapshotRecord ReadSnapshot(Stream json)
    {
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        return SnapshotJson.Parse(bytes.ToArray());
    }
}
