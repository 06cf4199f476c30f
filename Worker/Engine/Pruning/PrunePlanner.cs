using Granary.Engine.Ids;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;

namespace Granary.Engine.Pruning;

/// <summary>Decides the fate of each pack. Pure. Source: repository format §17.</summary>
internal sealed class PrunePlanner(
    IndexedRepository indexed,
    PruneOptions options,
    UsageCount usage,
    IReadOnlyDictionary<PackId, long> stored
)
{
    private const int FewestSmall = 10;
    private const long SmallestPackSize = 4 << 20;

    private readonly List<PackId> _unused = [];
    private readonly List<PackId> _missing = [];
    private readonly List<PackUsage> _candidates = [];
    private readonly List<PackUsage> _small = [];
    private readonly List<PackUsage> _repack = [];
    private long _removedBytes;
    private long _usedBytes;
    private long _unusedBytes;
    private int _kept;

    /// <exception cref="DamagedPackException">
    /// A pack that a snapshot needs is missing or has another size than the index says.
    /// </exception>
    public PrunePlan Plan(IReadOnlySet<SnapshotId> snapshots, PackContents contents, RepositoryLock? heldLock)
    {
        var smallBelow = SmallBelow();
        foreach (var pack in usage.Packs)
        {
            Classify(pack, smallBelow);
        }

        TakeSmall();
        Choose(smallBelow);
        var unindexed = stored.Keys.Where(pack => !contents.TryNumber(pack, out _)).ToList();
        return new PrunePlan(indexed, contents, stored, usage.Kept, heldLock, options, Statistics(unindexed))
        {
            Snapshots = snapshots,
            Unindexed = unindexed,
            Unused = _unused,
            Repack = _repack.ConvertAll(pack => pack.Id),
            Missing = _missing,
        };
    }

    private void Classify(PackUsage pack, long smallBelow)
    {
        if (pack.Used > 0 && !pack.IsSound)
        {
            throw new DamagedPackException(
                pack.Id.ToString(),
                pack.StoredSize is { } size
                    ? $"it has {size} bytes instead of {pack.Size}, and snapshots need it: nothing was pruned"
                    : "it is not in the store, but snapshots need it: nothing was pruned"
            );
        }

        if (pack.StoredSize is null)
        {
            _missing.Add(pack.Id);
            return;
        }

        if (pack.Used == 0)
        {
            _unused.Add(pack.Id);
            _removedBytes += pack.StoredSize.Value;
            return;
        }

        _usedBytes += pack.UsedBytes;
        _unusedBytes += pack.UnusedBytes;
        if (options.RepackCacheableOnly && !pack.HasTrees)
        {
            _kept++;
        }
        else if (pack.Unused > 0 || IsMixed(pack) || IsDueForCompression(pack))
        {
            _candidates.Add(pack);
        }
        else if (pack.Size < smallBelow)
        {
            _small.Add(pack);
        }
        else
        {
            _kept++;
        }
    }

    private void TakeSmall()
    {
        // A few small packs are every backup's tail; joining them each time would copy the same bytes again and again.
        if (_small.Count >= (options.RepackSmall ? 2 : FewestSmall))
        {
            _candidates.AddRange(_small);
        }
        else
        {
            _kept += _small.Count;
        }
    }

    private void Choose(long smallBelow)
    {
        var limit = options.MaxUnused.For(_usedBytes);
        var unusedAfter = _unusedBytes;
        long read = 0;
        var ordered = _candidates
            .OrderBy(pack =>
                pack.HasTrees ? 0
                : pack.Size < smallBelow ? 1
                : 2
            )
            .ThenByDescending(pack => (double)pack.UnusedBytes / pack.UsedBytes)
            .ThenBy(pack => pack.Id.Hash);
        foreach (var pack in ordered)
        {
            var isRequired = pack.HasTrees || IsDueForCompression(pack);
            if (
                read + pack.Size >= options.MaxRepackBytes
                || (!isRequired && unusedAfter <= limit && pack.Size >= smallBelow)
            )
            {
                _kept++;
                continue;
            }

            _repack.Add(pack);
            read += pack.Size;
            unusedAfter -= pack.UnusedBytes;
        }
    }

    private PruneStatistics Statistics(List<PackId> unindexed) =>
        new()
        {
            BlobsUsed = usage.BlobsUsed,
            BlobsUnused = usage.BlobsUnused,
            BlobsDuplicate = usage.BlobsDuplicate,
            BytesIndexed = usage.Packs.Sum(pack => pack.StoredSize ?? 0),
            BytesUsed = _usedBytes,
            BytesUnindexed = unindexed.Sum(pack => stored[pack]),
            BytesRemoved = _removedBytes,
            BytesRepacked = _repack.Sum(pack => pack.Size),
            BytesUnusedRepacked = _repack.Sum(pack => pack.UnusedBytes),
            BytesUnusedAfter = _unusedBytes - _repack.Sum(pack => pack.UnusedBytes),
            PacksKept = _kept,
        };

    private long SmallBelow()
    {
        if (options.SmallerThan is { } given)
        {
            return given;
        }

        if (options.RepackSmall)
        {
            return options.Store.PackSize / 5L * 4;
        }

        var sizes = usage.Packs.Select(pack => pack.Size).Order().ToList();
        return sizes.Count == 0 ? 0 : Math.Max(SmallestPackSize, sizes[sizes.Count * 3 / 100]) / 5 * 4;
    }

    private static bool IsMixed(PackUsage pack) => pack.HasTrees && pack.HasData;

    private bool IsDueForCompression(PackUsage pack) =>
        indexed.Repository.Version >= 2 && pack.HasUncompressed && (pack.HasTrees || options.RepackUncompressed);
}
