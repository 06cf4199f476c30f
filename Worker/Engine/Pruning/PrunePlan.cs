using Granary.Engine.Ids;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;

namespace Granary.Engine.Pruning;

/// <summary>The steps that a prune would take. A value: making one changes nothing, so a dry run ends here.</summary>
/// <remarks>
/// Memory: beside the index, 4 bytes and two bits for each of its entries and about 150 bytes for each pack; no ids are
/// kept.
/// </remarks>
public sealed class PrunePlan
{
    internal PrunePlan(
        IndexedRepository indexed,
        PackContents contents,
        IReadOnlyDictionary<PackId, long> stored,
        EntrySet kept,
        RepositoryLock? heldLock,
        PruneOptions options,
        PruneStatistics statistics
    )
    {
        Indexed = indexed;
        Contents = contents;
        Stored = stored;
        Kept = kept;
        HeldLock = heldLock;
        Options = options;
        Statistics = statistics;
    }

    /// <summary>
    /// The snapshots that the plan knows of. One that the store lists beside them forbids carrying the plan out.
    /// </summary>
    public required IReadOnlySet<SnapshotId> Snapshots { get; init; }

    /// <summary>Packs in the store that no index names. They are deleted first.</summary>
    public required IReadOnlyList<PackId> Unindexed { get; init; }

    /// <summary>Packs of which nothing is needed.</summary>
    public required IReadOnlyList<PackId> Unused { get; init; }

    /// <summary>Packs whose used blobs go into new packs.</summary>
    public required IReadOnlyList<PackId> Repack { get; init; }

    /// <summary>Packs that the index names, the store lacks and nothing needs.</summary>
    public required IReadOnlyList<PackId> Missing { get; init; }

    /// <summary>The plan in numbers.</summary>
    public PruneStatistics Statistics { get; }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Unindexed.Count + Unused.Count + Repack.Count + Missing.Count == 0;

    internal IndexedRepository Indexed { get; }

    internal PackContents Contents { get; }

    /// <summary>The packs in the store, with their sizes in bytes.</summary>
    internal IReadOnlyDictionary<PackId, long> Stored { get; }

    /// <summary>The entries that stay: for each blob in use the one copy that was chosen.</summary>
    internal EntrySet Kept { get; }

    /// <summary>
    /// The lock under which the plan was made, outside of which it is worth nothing; null for a look without one.
    /// </summary>
    internal RepositoryLock? HeldLock { get; }

    internal PruneOptions Options { get; }
}

/// <summary>A prune in numbers. Bytes are stored bytes.</summary>
public sealed record PruneStatistics
{
    /// <summary>Blobs that a snapshot needs.</summary>
    public long BlobsUsed { get; init; }

    /// <summary>Blobs that no snapshot needs.</summary>
    public long BlobsUnused { get; init; }

    /// <summary>Further copies of blobs in use.</summary>
    public long BlobsDuplicate { get; init; }

    /// <summary>Bytes of all indexed packs.</summary>
    public long BytesIndexed { get; init; }

    /// <summary>Bytes of blobs in use, headers of their packs included.</summary>
    public long BytesUsed { get; init; }

    /// <summary>Bytes of packs that no index names.</summary>
    public long BytesUnindexed { get; init; }

    /// <summary>Bytes of packs of which nothing is needed.</summary>
    public long BytesRemoved { get; init; }

    /// <summary>Bytes of packs to repack; all of them are read.</summary>
    public long BytesRepacked { get; init; }

    /// <summary>Unused bytes in packs to repack, which go away.</summary>
    public long BytesUnusedRepacked { get; init; }

    /// <summary>Unused bytes in packs that stay.</summary>
    public long BytesUnusedAfter { get; init; }

    /// <summary>Packs that stay as they are.</summary>
    public int PacksKept { get; init; }

    /// <summary>Bytes that the prune is to free.</summary>
    public long BytesFreed => BytesUnindexed + BytesRemoved + BytesUnusedRepacked;
}

/// <summary>The result of a prune.</summary>
/// <param name="Statistics">The plan in numbers.</param>
/// <param name="PacksDeleted">Packs deleted.</param>
/// <param name="BytesFreed">
/// Bytes that those had, less the bytes of new packs; negative where a repacked pack could not be deleted.
/// </param>
/// <param name="BlobsRepacked">Blobs stored in new packs.</param>
/// <param name="IndexesSaved">Index files written by the rewrite.</param>
/// <param name="IndexesDeleted">Index files that those replaced.</param>
/// <param name="Leftovers">Temporary files of interrupted writers that were removed.</param>
/// <param name="Failed">Packs that could not be deleted; nothing needs them, and the next prune tries again.</param>
public sealed record PruneResult(
    PruneStatistics Statistics,
    int PacksDeleted,
    long BytesFreed,
    long BlobsRepacked,
    int IndexesSaved,
    int IndexesDeleted,
    int Leftovers,
    IReadOnlyList<FailedDelete> Failed
);
