using Granary.Engine.Ids;
using Granary.Engine.Indexing;

namespace Granary.Engine.Maintenance;

/// <summary>A set of index entries: one bit for each. Safe for concurrent use.</summary>
/// <remarks>Entries that are added to the index later are never in it.</remarks>
internal sealed class EntrySet(RepositoryIndex index)
{
    private readonly ulong[] _trees = new ulong[(index.EntryCount(BlobType.Tree) + 63) / 64];
    private readonly ulong[] _data = new ulong[(index.EntryCount(BlobType.Data) + 63) / 64];

    public bool Contains(BlobType type, int number)
    {
        var bits = Bits(type);
        return number >> 6 < bits.Length && (Volatile.Read(ref bits[number >> 6]) & Mask(number)) != 0;
    }

    /// <summary>Adds an entry; false if it was there.</summary>
    public bool Add(BlobType type, int number) =>
        (Interlocked.Or(ref Bits(type)[number >> 6], Mask(number)) & Mask(number)) == 0;

    private static ulong Mask(int number) => 1UL << (number & 63);

    private ulong[] Bits(BlobType type) => type == BlobType.Tree ? _trees : _data;
}
