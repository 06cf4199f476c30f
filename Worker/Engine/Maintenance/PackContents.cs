using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;

namespace Granary.Engine.Maintenance;

/// <summary>The entries of an index by pack. Entries that are added to the index later are not seen.</summary>
/// <remarks>Memory: 4 bytes for each entry, about 60 for each pack.</remarks>
internal sealed class PackContents
{
    private readonly RepositoryIndex _index;
    private readonly int _trees;
    private readonly int[] _starts;
    private readonly int[] _entries;
    private readonly Dictionary<PackId, int> _numbers = [];

    public PackContents(RepositoryIndex index)
    {
        _index = index;
        _trees = index.EntryCount(BlobType.Tree);
        _starts = new int[index.PackCount + 1];
        _entries = new int[checked(_trees + index.EntryCount(BlobType.Data))];
        for (var i = 0; i < PackCount; i++)
        {
            _numbers.Add(index.PackAt(i), i);
        }

        for (var i = 0; i < _entries.Length; i++)
        {
            _starts[PackOf(i) + 1]++;
        }

        for (var i = 0; i < PackCount; i++)
        {
            _starts[i + 1] += _starts[i];
        }

        var next = _starts[..^1];
        for (var i = 0; i < _entries.Length; i++)
        {
            _entries[next[PackOf(i)]++] = i;
        }
    }

    public int PackCount => _starts.Length - 1;

    public PackId IdOf(int pack) => _index.PackAt(pack);

    public bool TryNumber(PackId id, out int pack) => _numbers.TryGetValue(id, out pack);

    /// <summary>How many entries a pack has.</summary>
    public int CountOf(int pack) => _starts[pack + 1] - _starts[pack];

    /// <summary>A pack's entries by offset, with their numbers in the index.</summary>
    public List<(int Number, PackEntry Entry)> Of(int pack)
    {
        var entries = new List<(int Number, PackEntry Entry)>(CountOf(pack));
        for (var i = _starts[pack]; i < _starts[pack + 1]; i++)
        {
            var (type, number) = Split(_entries[i]);
            entries.Add((number, _index.EntryAt(type, number).Entry));
        }

        entries.Sort((left, right) => left.Entry.Offset.CompareTo(right.Entry.Offset));
        return entries;
    }

    /// <summary>How long a pack must be by its index entries.</summary>
    public long SizeOf(int pack) => PackHeader.PackSize(Of(pack).Select(each => each.Entry));

    private (BlobType Type, int Number) Split(int entry) =>
        entry < _trees ? (BlobType.Tree, entry) : (BlobType.Data, entry - _trees);

    private int PackOf(int entry)
    {
        var (type, number) = Split(entry);
        return _index.EntryAt(type, number).Pack;
    }
}
