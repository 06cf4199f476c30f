using Granary.Engine.Ids;

namespace Granary.Engine.Indexing;

/// <summary>Where a blob is.</summary>
/// <param name="Pack">The pack's number in the repository index.</param>
/// <param name="Offset">Where its sealed bytes begin in the pack.</param>
/// <param name="Length">How long they are.</param>
/// <param name="UncompressedLength">Length of the plaintext of a compressed blob, else 0.</param>
internal readonly record struct BlobPlace(int Pack, uint Offset, uint Length, uint UncompressedLength);

/// <summary>
/// A hash table from blob ids to places, without an object per blob. Several places of one blob are kept. Not safe for
/// concurrent use.
/// </summary>
/// <remarks>
/// An entry takes 48 bytes (id 32, pack 4, offset 4, length 4, plaintext length 4), in blocks that never move, so
/// growing copies nothing but the slots. A slot is an entry's number plus one (4 bytes), found by linear probing.
/// Between 3/8 and 3/4 of the slots are in use, so they add 5 to 11 bytes: 53 to 59 bytes for each blob in all. Ids are
/// hashes already, hence their first bits serve as the hash.
/// </remarks>
internal sealed class IndexMap
{
    private const int EntriesInBlock = 1024;

    private readonly List<Entry[]> _blocks = [];
    private int[] _slots = new int[64];

    public int Count { get; private set; }

    public void Add(BlobId id, BlobPlace place)
    {
        if ((Count + 1L) * 4 > _slots.Length * 3L)
        {
            Grow();
        }

        if (Count == _blocks.Count * EntriesInBlock)
        {
            _blocks.Add(new Entry[EntriesInBlock]);
        }

        _blocks[Count / EntriesInBlock][Count % EntriesInBlock] = new Entry(id.Hash, place);
        Count++;
        Insert(_slots, id.Hash, Count);
    }

    /// <summary>Goes through the places of a blob: start with a cursor of −1; false when there are no more.</summary>
    public bool TryNext(BlobId id, ref int cursor, out BlobPlace place)
    {
        var mask = _slots.Length - 1;
        for (
            var slot = cursor < 0 ? First(id.Hash, mask) : (cursor + 1) & mask;
            _slots[slot] != 0;
            slot = (slot + 1) & mask
        )
        {
            ref readonly var entry = ref At(_slots[slot] - 1);
            if (entry.Id == id.Hash)
            {
                cursor = slot;
                place = entry.Place;
                return true;
            }
        }

        place = default;
        return false;
    }

    /// <summary>
    /// Goes through the numbers of a blob's entries, in the order of adding: start with a cursor of −1; false when
    /// there are no more.
    /// </summary>
    public bool TryNextNumber(BlobId id, ref int cursor, out int number)
    {
        var mask = _slots.Length - 1;
        for (
            var slot = cursor < 0 ? First(id.Hash, mask) : (cursor + 1) & mask;
            _slots[slot] != 0;
            slot = (slot + 1) & mask
        )
        {
            if (At(_slots[slot] - 1).Id == id.Hash)
            {
                cursor = slot;
                number = _slots[slot] - 1;
                return true;
            }
        }

        number = -1;
        return false;
    }

    /// <summary>Entry number <paramref name="index"/>, in the order of adding.</summary>
    public (BlobId Id, BlobPlace Place) this[int index]
    {
        get
        {
            ref readonly var entry = ref At(index);
            return (new BlobId(entry.Id), entry.Place);
        }
    }

    private static int First(Sha256Id id, int mask) => (int)(id.Prefix >> 32) & mask;

    private static void Insert(int[] slots, Sha256Id id, int number)
    {
        var mask = slots.Length - 1;
        var slot = First(id, mask);
        while (slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        slots[slot] = number;
    }

    private ref readonly Entry At(int index) => ref _blocks[index / EntriesInBlock][index % EntriesInBlock];

    private void Grow()
    {
        var slots = new int[_slots.Length * 2];
        for (var i = 0; i < Count; i++)
        {
            Insert(slots, At(i).Id, i + 1);
        }

        _slots = slots;
    }

    private readonly record struct Entry(Sha256Id Id, BlobPlace Place);
}
