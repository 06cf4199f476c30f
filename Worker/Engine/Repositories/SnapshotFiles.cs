using System.Collections.Concurrent;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Engine.Repositories.Files;
using Granary.Storage;

namespace Granary.Engine.Repositories;

/// <summary>Lists, finds and reads snapshot files. Source: repository format §11.</summary>
internal sealed class SnapshotFiles(StoredFiles files)
{
    private readonly ConcurrentDictionary<SnapshotId, bool> _deleted = new();

    /// <summary>All snapshots that pass a filter, oldest first, without those that cannot be read.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="onDamage">
    /// Called for each that cannot be read, one at a time. Where it is null, the first one is an error.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DamagedFileException">One cannot be read, and there is no callback.</exception>
    public async Task<IReadOnlyList<Snapshot>> ListAsync(
        SnapshotFilter filter,
        Action<SnapshotId, DamagedFileException>? onDamage,
        CancellationToken cancellationToken
    )
    {
        var names = await files.NamesAsync(FileKind.Snapshot, cancellationToken);
        var snapshots = new ConcurrentBag<Snapshot>();
        var unfound = new ConcurrentBag<Sha256Id>();
        await ReadAsync(names, unfound);
        if (!unfound.IsEmpty)
        {
            // Forgotten meanwhile, if no longer listed. A store that lists files it cannot find must not be believed:
            // the data that only those snapshots need would be pruned.
            var listed = (await files.NamesAsync(FileKind.Snapshot, cancellationToken)).ToHashSet();
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
            Parallel.ForEachAsync(wanted, files.Parallelism(cancellationToken), async (name, token) =>
            {
                try
                {
                    if (await TryLoadAsync(new SnapshotId(name), token) is { } snapshot)
                    {
                        snapshots.Add(snapshot);
                        return;
                    }

                    files.Logger.SnapshotUnfound(name.ToString());
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
    public async Task<Snapshot> FindAsync(
        string idPrefixOrLatest,
        SnapshotFilter filter,
        CancellationToken cancellationToken
    )
    {
        if (idPrefixOrLatest == "latest")
        {
            var matching = await ListAsync(filter, onDamage: null, cancellationToken);
            return matching.Count > 0
                ? matching[^1]
                : throw new SnapshotNotFoundException($"{files.Backend.Location}: no snapshot matches");
        }

        return await LoadAsync(await ResolveAsync(idPrefixOrLatest, cancellationToken), cancellationToken);
    }

    /// <summary>The id of which a text is a unique prefix.</summary>
    /// <exception cref="SnapshotNotFoundException">None, or more than one.</exception>
    public async Task<SnapshotId> ResolveAsync(string idPrefix, CancellationToken cancellationToken)
    {
        var names = await files.NamesAsync(FileKind.Snapshot, cancellationToken);
        var found = names
            .Where(name => idPrefix.Length > 0 && name.ToString().StartsWith(idPrefix, StringComparison.Ordinal))
            .ToList();
        return found.Count == 1
            ? new SnapshotId(found[0])
            : throw new SnapshotNotFoundException(
                $"{files.Backend.Location}: {found.Count} snapshots have an id that begins with '{idPrefix}'; "
                    + "exactly one is needed"
            );
    }

    /// <summary>Reads one snapshot.</summary>
    /// <exception cref="SnapshotNotFoundException">There is no such snapshot.</exception>
    /// <exception cref="DamagedFileException">It is damaged.</exception>
    public async Task<Snapshot> LoadAsync(SnapshotId id, CancellationToken cancellationToken) =>
        await TryLoadAsync(id, cancellationToken)
        ?? throw new SnapshotNotFoundException($"{files.Backend.Location}: there is no snapshot {id}");

    /// <summary>
    /// Notes that a snapshot was deleted from here: some stores list a file for a while after it is gone.
    /// </summary>
    public void NoteDeleted(SnapshotId snapshot) => _deleted[snapshot] = true;

    /// <summary>Whether a snapshot was deleted from here.</summary>
    public bool HasDeleted(SnapshotId snapshot) => _deleted.ContainsKey(snapshot);

    private async Task<Snapshot?> TryLoadAsync(SnapshotId id, CancellationToken cancellationToken)
    {
        try
        {
            var record = await files.LoadAsync(FileKind.Snapshot, id.Hash, Parse, cancellationToken);
            return new Snapshot(id, record);
        }
        catch (StorageException e) when (e.Error == StorageError.NotFound)
        {
            return null;
        }
    }

    private static SnapshotRecord Parse(Stream json)
    {
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        return SnapshotJson.Parse(bytes.ToArray());
    }
}
