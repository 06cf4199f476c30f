using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Maintenance;
using Granary.Engine.Packing;

namespace Granary.Engine.Pruning;

/// <summary>How much of a pack is in use.</summary>
internal sealed class PackUsage(PackId id, long? storedSize)
{
    public PackId Id { get; } = id;

    /// <summary>Null if the pack is not in the store.</summary>
    public long? StoredSize { get; } = storedSize;

    public long UsedBytes { get; private set; } = PackHeader.FixedSize;

    public long UnusedBytes { get; private set; }

    public int Used { get; private set; }

    public int Unused { get; private set; }

    /// <summary>Of the unused ones, those of which no copy is chosen yet.</summary>
    public int Duplicates { get; private set; }

    public bool HasTrees { get; private set; }

    public bool HasData { get; private set; }

    public bool HasUncompressed { get; private set; }

    /// <summary>The size that it has by the index.</summary>
    public long Size => UsedBytes + UnusedBytes;

    /// <summary>Whether the store holds it in full length.</summary>
    public bool IsSound => StoredSize == Size;

    /// <summary>Whether nothing but copies is in it: a repack that finished and a prune that did not.</summary>
    public bool IsAllCopies => Duplicates == Unused;

    public void Add(PackEntry entry, bool isUsed, bool isDuplicate)
    {
        HasTrees |= entry.Blob.Type == BlobType.Tree;
        HasData |= entry.Blob.Type == BlobType.Data;
        HasUncompressed |= !entry.IsCompressed;
        UsedBytes += entry.HeaderSize;
        if (isUsed)
        {
            Used++;
            UsedBytes += entry.Length;
        }
        else
        {
            Unused++;
            UnusedBytes += entry.Length;
            Duplicates += isDuplicate ? 1 : 0;
        }
    }

    /// <summary>Makes one of its copies the one that stays.</summary>
    public void Choose(PackEntry entry)
    {
        Used++;
        UsedBytes += entry.Length;
        Unused--;
        Duplicates--;
        UnusedBytes -= entry.Length;
    }
}

/// <summary>
/// The usage of all packs of an index, and which copy of each blob stays. Source: repository format §17.
/// </summary>
internal sealed class UsageCount
{
    private readonly RepositoryIndex _index;
    private readonly Func<BlobType, int, bool> _isReached;
    private readonly EntrySet _decided;

    /// <param name="index">The index.</param>
    /// <param name="isReached">Whether a snapshot needs the blob with this first entry.</param>
    /// <param name="stored">The packs in the store.</param>
    public UsageCount(
        RepositoryIndex index,
        Func<BlobType, int, bool> isReached,
        IReadOnlyDictionary<PackId, long> stored
    )
    {
        _index = index;
        _isReached = isReached;
        _decided = new EntrySet(index);
        Kept = new EntrySet(index);
        Packs = new PackUsage[index.PackCount];
        for (var i = 0; i < Packs.Length; i++)
        {
            var id = index.PackAt(i);
            Packs[i] = new PackUsage(id, stored.TryGetValue(id, out var size) ? size : null);
        }

        ForEachEntry(Count);
        ForEachEntry(ChooseCopy);
    }

    public PackUsage[] Packs { get; }

    public EntrySet Kept { get; }

    public long BlobsUsed { get; private set; }

    public long BlobsUnused { get; private set; }

    public long BlobsDuplicate { get; private set; }

    private void ForEachEntry(Action<BlobType, int> visit)
    {
        foreach (var type in (BlobType[])[BlobType.Tree, BlobType.Data])
        {
            var count = _index.EntryCount(type);
            for (var number = 0; number < count; number++)
            {
                visit(type, number);
            }
        }
    }

    private void Count(BlobType type, int number)
    {
        var (pack, entry) = _index.EntryAt(type, number);
        var (first, last) = Copies(entry.Blob);
        var isReached = _isReached(type, first);
        var isDuplicate = isReached && first != last;
        Packs[pack].Add(entry, isReached && !isDuplicate, isDuplicate);
        BlobsUsed += isReached && number == first ? 1 : 0;
        BlobsUnused += isReached ? 0 : 1;
        BlobsDuplicate += isDuplicate && number != first ? 1 : 0;
        if (isReached && !isDuplicate)
        {
            Kept.Add(type, number);
        }
    }

    // A copy stays in a pack that stays anyway, or in one of nothing but copies; else the last one. A pack that is
    // missing or cut short keeps a blob only where there is no other copy, and then the prune is refused.
    private void ChooseCopy(BlobType type, int number)
    {
        var (pack, entry) = _index.EntryAt(type, number);
        var (first, last) = Copies(entry.Blob);
        if (first == last || !_isReached(type, first) || _decided.Contains(type, first))
        {
            return;
        }

        var usage = Packs[pack];
        if (
            (usage.IsSound && (usage.Used > 0 || usage.IsAllCopies || number == LastSound(entry.Blob)))
            || (number == last && LastSound(entry.Blob) < 0)
        )
        {
            _decided.Add(type, first);
            Kept.Add(type, number);
            usage.Choose(entry);
        }
    }

    private (int First, int Last) Copies(BlobHandle blob)
    {
        var cursor = -1;
        var first = -1;
        var last = -1;
        while (_index.TryNextNumber(blob, ref cursor, out var number))
        {
            first = first < 0 ? number : first;
            last = number;
        }

        return (first, last);
    }

    private int LastSound(BlobHandle blob)
    {
        var cursor = -1;
        var last = -1;
        while (_index.TryNextNumber(blob, ref cursor, out var number))
        {
            last = Packs[_index.EntryAt(blob.Type, number).Pack].IsSound ? number : last;
        }

        return last;
    }
}
