using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Storage;

namespace Granary.Engine.Repositories.Blobs;

/// <summary>
/// Collects the blobs of stored packs and saves them as index files: at 50,000 blobs, after a GiB, or after a minute.
/// </summary>
/// <remarks>
/// A pack that is stored but in no index is lost to the next run. So the limits bound the bytes that a killed backup
/// has to upload again. Source: repository format §7, §22.
/// </remarks>
internal sealed class IndexSaver(OpenRepository repository, RepositoryIndex index, IBackend backend)
{
    public const int MaximumBlobs = 50_000;

    private const long MaximumBytes = 1L << 30;
    private static readonly TimeSpan MaximumAge = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private List<IndexedPack> _packs = [];
    private int _blobs;
    private long _bytes;
    private long _since;

    /// <summary>Notes a pack that is stored, and saves an index file if one is due.</summary>
    public async Task AddAsync(PackId pack, IReadOnlyList<PackEntry> entries, CancellationToken cancellationToken)
    {
        List<IndexedPack>? due;
        lock (_lock)
        {
            _since = _packs.Count == 0 ? repository.Time.GetTimestamp() : _since;
            _packs.Add(new IndexedPack(pack, entries));
            _blobs += entries.Count;
            _bytes += entries.Sum(entry => entry.PlaintextLength);
            due = TakeIf(_blobs >= MaximumBlobs || _bytes >= MaximumBytes || IsOld());
        }

        await SaveAsync(due, cancellationToken);
    }

    /// <summary>
    /// Saves packs that have waited for a minute, for sources so slow that no pack comes to trigger it.
    /// </summary>
    public async Task SaveIfOldAsync(CancellationToken cancellationToken)
    {
        List<IndexedPack>? due;
        lock (_lock)
        {
            due = TakeIf(IsOld());
        }

        await SaveAsync(due, cancellationToken);
    }

    /// <summary>Saves everything.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        List<IndexedPack>? due;
        lock (_lock)
        {
            due = TakeIf(true);
        }

        await SaveAsync(due, cancellationToken);
    }

    private bool IsOld() => _packs.Count > 0 && repository.Time.GetElapsedTime(_since) >= MaximumAge;

    private List<IndexedPack>? TakeIf(bool isDue)
    {
        if (!isDue || _packs.Count == 0)
        {
            return null;
        }

        var due = _packs;
        _packs = [];
        _blobs = 0;
        _bytes = 0;
        return due;
    }

    private async Task SaveAsync(List<IndexedPack>? packs, CancellationToken cancellationToken)
    {
        if (packs is null)
        {
            return;
        }

        var name = await repository.Stored.Documents.SaveAsync(
            backend,
            FileKind.Index,
            IndexJson.Write(packs),
            cancellationToken
        );
        index.AddFile(new IndexId(name));
        repository.Logger.IndexSaved(name.ToString(), packs.Sum(pack => pack.Blobs.Count), packs.Count);
    }
}
