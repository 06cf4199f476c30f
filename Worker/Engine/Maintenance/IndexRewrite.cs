using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Blobs;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Maintenance;

/// <summary>
/// Replaces index files: saves every new one first, and only then deletes the old ones. Source: repository format §17.
/// </summary>
/// <remarks>
/// A file that is large enough, is not too large, names no pack that goes and repeats nothing stays as it is. A pack
/// that old versions of restic spread over several files is written in one piece. Memory: one new index file, and 32
/// bytes for each pack.
/// </remarks>
internal sealed class IndexRewrite(
    OpenRepository repository,
    RepositoryLock heldLock,
    PackContents contents,
    IProgress<MaintenanceProgress>? progress
) : IDisposable
{
    // As many blobs as a full index may get from the last pack that goes into it.
    private const int Oversize = IndexSaver.MaximumBlobs + 409_199;

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly HashSet<PackId> _written = [];
    private readonly List<IndexId> _replaced = [];
    private readonly List<IndexId> _saved = [];
    private List<IndexedPack> _pending = [];
    private int _pendingBlobs;

    /// <summary>The new files.</summary>
    public IReadOnlyList<IndexId> Saved => _saved;

    /// <summary>How many old files are deleted.</summary>
    public int Deleted { get; private set; }

    /// <summary>
    /// Notes a pack for the new files; one that was noted before is ignored. Safe for concurrent use.
    /// </summary>
    public async Task AddAsync(IndexedPack pack, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (!_written.Add(pack.Id))
            {
                return;
            }

            _pending.Add(pack);
            _pendingBlobs += pack.Blobs.Count;
            if (_pendingBlobs >= IndexSaver.MaximumBlobs)
            {
                await SaveAsync(cancellationToken);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Marks files that cannot be read as replaced.</summary>
    public void Replace(IEnumerable<IndexId> unreadable) => _replaced.AddRange(unreadable);

    /// <summary>Goes through old files, and notes the packs of those that do not stay.</summary>
    /// <param name="files">The old files.</param>
    /// <param name="without">Packs that the new index must not name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task ReplaceAsync(
        IReadOnlyCollection<IndexId> files,
        IReadOnlySet<PackId> without,
        CancellationToken cancellationToken
    )
    {
        var stay = new HashSet<PackId>();
        var move = new List<PackId>();
        var counter = new StepCounter(progress, MaintenanceStep.RewriteIndex, files.Count);
        await IndexFiles.ReadAsync(
            repository,
            files,
            (file, packs) =>
            {
                counter.Next();
                var isWhole = packs.TrueForAll(pack =>
                    !without.Contains(pack.Id)
                    && !stay.Contains(pack.Id)
                    && contents.TryNumber(pack.Id, out var number)
                    && contents.CountOf(number) == pack.Blobs.Count
                );
                if (isWhole && packs.Sum(pack => pack.Blobs.Count) is >= IndexSaver.MaximumBlobs and <= Oversize)
                {
                    stay.UnionWith(packs.Select(pack => pack.Id));
                }
                else
                {
                    _replaced.Add(file);
                    move.AddRange(packs.Select(pack => pack.Id));
                }
            },
            (file, fault) => throw new DamagedFileException($"index/{file}", fault),
            cancellationToken
        );
        foreach (var pack in move)
        {
            if (!stay.Contains(pack) && !without.Contains(pack) && contents.TryNumber(pack, out var number))
            {
                await AddAsync(
                    new IndexedPack(pack, [.. contents.Of(number).Select(each => each.Entry)]),
                    cancellationToken
                );
            }
        }
    }

    /// <summary>Saves the last new file, and then deletes the replaced ones.</summary>
    /// <exception cref="StorageException">
    /// A file could not be saved or deleted. Index files that name the packs to be removed are still there.
    /// </exception>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await SaveAsync(cancellationToken);
        await EnsureStoredAsync(cancellationToken);
        await heldLock.ConfirmAsync(cancellationToken);
        await Parallel.ForEachAsync(_replaced, repository.Stored.Parallelism(cancellationToken), async (file, token) =>
            await heldLock.Backend.DeleteAsync(new FileHandle(FileKind.Index, file.ToString()), token)
        );
        Deleted = _replaced.Count;
    }

    public void Dispose() => _one.Dispose();

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        if (_pending.Count == 0)
        {
            return;
        }

        var packs = _pending;
        (_pending, _pendingBlobs) = ([], 0);
        var name = await repository.Stored.Documents.SaveAsync(
            heldLock.Backend,
            FileKind.Index,
            IndexJson.Write(packs),
            cancellationToken
        );
        _saved.Add(new IndexId(name));
        repository.Logger.IndexSaved(name.ToString(), packs.Sum(pack => pack.Blobs.Count), packs.Count);
    }

    // The old files are the only other record of where blobs are; before they go, the store must have the new ones.
    private async Task EnsureStoredAsync(CancellationToken cancellationToken)
    {
        if (await repository.FirstMissingIndexAsync(_saved, cancellationToken) is { } gone)
        {
            throw new DamagedFileException(
                $"index/{gone}",
                "it was saved, but the store does not have it; no index was deleted"
            );
        }
    }
}
