using Granary.Engine.Ids;
using Granary.Engine.Packing;

namespace Granary.Engine.Indexing;

/// <summary>
/// Every blob that a repository's index files name, and those on their way into it. Safe for concurrent use.
/// </summary>
/// <remarks>Memory: see <see cref="IndexMap"/>, plus about 100 bytes for each pack.</remarks>
internal sealed class RepositoryIndex
{
    private readonly Lock _lock = new();
    private readonly IndexMap _data = new();
    private readonly IndexMap _trees = new();
    private readonly List<PackId> _packs = [];
    private readonly Dictionary<PackId, int> _numbers = [];
    private readonly HashSet<BlobHandle> _pending = [];

    private readonly HashSet<IndexId> _files = [];

    // Packs that the index names and the store lacks, or holds in another length.
    private readonly HashSet<int> _unsound = [];

    /// <summary>The index files that all this was read from or saved to.</summary>
    public IReadOnlyList<IndexId> Files
    {
        get
        {
            lock (_lock)
            {
                return [.. _files];
            }
        }
    }

    /// <summary>Number of packs.</summary>
    public int PackCount
    {
        get
        {
            lock (_lock)
            {
                return _packs.Count;
            }
        }
    }

    /// <summary>Number of entries of a type; a blob in two packs counts twice.</summary>
    public int EntryCount(BlobType type)
    {
        lock (_lock)
        {
            return Map(type).Count;
        }
    }

    /// <summary>
    /// Adds blobs of a stored pack. They are known from now on, and no longer pending. Blobs that are known to be in it
    /// already are ignored.
    /// </summary>
    /// <remarks>
    /// Old writers spread a pack over several index files, and a killed prune leaves one in two files. Source: §7, §23.
    /// </remarks>
    public void Add(PackId pack, IReadOnlyList<PackEntry> entries)
    {
        lock (_lock)
        {
            var isNew = _numbers.TryAdd(pack, _packs.Count);
            if (isNew)
            {
                _packs.Add(pack);
            }

            var number = _numbers[pack];
            foreach (var entry in entries)
            {
                _pending.Remove(entry.Blob);
                var place = new BlobPlace(number, entry.Offset, entry.Length, entry.UncompressedLength);
                if (isNew || !HasPlace(entry.Blob, place))
                {
                    Map(entry.Blob.Type).Add(entry.Blob.Id, place);
                }
            }
        }
    }

    /// <summary>Notes an index file that was read or saved.</summary>
    public void AddFile(IndexId file)
    {
        lock (_lock)
        {
            _files.Add(file);
        }
    }

    /// <summary>
    /// Claims a blob for storing. False if it is known, or somebody claimed it before: checking and claiming are one
    /// step.
    /// </summary>
    public bool TryClaim(BlobHandle blob)
    {
        lock (_lock)
        {
            return !IsKnown(blob) && _pending.Add(blob);
        }
    }

    /// <summary>Whether the blob is in a stored pack.</summary>
    public bool Contains(BlobHandle blob)
    {
        lock (_lock)
        {
            return IsKnown(blob);
        }
    }

    /// <summary>All places of a blob; packs known to be unsound come last.</summary>
    public IReadOnlyList<BlobLocation> Find(BlobHandle blob)
    {
        lock (_lock)
        {
            var found = new List<BlobLocation>(1);
            var cursor = -1;
            while (Map(blob.Type).TryNext(blob.Id, ref cursor, out var place))
            {
                var location = new BlobLocation(
                    _packs[place.Pack],
                    new PackEntry(blob, place.Offset, place.Length, place.UncompressedLength),
                    _unsound.Contains(place.Pack)
                );
                found.Insert(location.IsPackUnsound ? found.Count : 0, location);
            }

            return found;
        }
    }

    /// <summary>The first place of a blob, without an allocation.</summary>
    public bool TryFind(BlobHandle blob, out BlobLocation location)
    {
        lock (_lock)
        {
            var cursor = -1;
            location = default;
            var isFound = false;
            while ((!isFound || location.IsPackUnsound) && Map(blob.Type).TryNext(blob.Id, ref cursor, out var place))
            {
                isFound = true;
                location = new BlobLocation(
                    _packs[place.Pack],
                    new PackEntry(blob, place.Offset, place.Length, place.UncompressedLength),
                    _unsound.Contains(place.Pack)
                );
            }

            return isFound;
        }
    }

    /// <summary>Every entry, one at a time; the index must not change meanwhile.</summary>
    public IEnumerable<BlobLocation> Entries()
    {
        foreach (var type in (BlobType[])[BlobType.Tree, BlobType.Data])
        {
            var map = Map(type);
            for (var i = 0; i < map.Count; i++)
            {
                var (id, place) = map[i];
                var entry = new PackEntry(
                    new BlobHandle(type, id),
                    place.Offset,
                    place.Length,
                    place.UncompressedLength
                );
                yield return new BlobLocation(_packs[place.Pack], entry, _unsound.Contains(place.Pack));
            }
        }
    }

    /// <summary>The pack with a number; numbers are below <see cref="PackCount"/> and never change.</summary>
    public PackId PackAt(int number)
    {
        lock (_lock)
        {
            return _packs[number];
        }
    }

    /// <summary>
    /// An entry by its number; numbers are below <see cref="EntryCount"/> of the type and never change.
    /// </summary>
    /// <returns>The number of the entry's pack, and the entry.</returns>
    public (int Pack, PackEntry Entry) EntryAt(BlobType type, int number)
    {
        lock (_lock)
        {
            var (id, place) = Map(type)[number];
            return (
                place.Pack,
                new PackEntry(new BlobHandle(type, id), place.Offset, place.Length, place.UncompressedLength)
            );
        }
    }

    /// <summary>
    /// Goes through the numbers of a blob's entries, in the order of adding: start with a cursor of −1; the index must
    /// not change meanwhile.
    /// </summary>
    public bool TryNextNumber(BlobHandle blob, ref int cursor, out int number)
    {
        lock (_lock)
        {
            return Map(blob.Type).TryNextNumber(blob.Id, ref cursor, out number);
        }
    }

    /// <summary>
    /// Distrusts just the packs that are not stored in the length that their entries add up to, and returns how many
    /// those are.
    /// </summary>
    /// <param name="stored">The packs in the store, with their sizes in bytes.</param>
    public int DistrustUnsound(IReadOnlyDictionary<PackId, long> stored)
    {
        lock (_lock)
        {
            var sizes = new long[_packs.Count];
            Array.Fill(sizes, PackHeader.FixedSize);
            foreach (var map in (IndexMap[])[_trees, _data])
            {
                for (var i = 0; i < map.Count; i++)
                {
                    var place = map[i].Place;
                    sizes[place.Pack] +=
                        place.Length
                        + (place.UncompressedLength > 0 ? PackHeader.CompressedEntrySize : PackHeader.EntrySize);
                }
            }

            _unsound.Clear();
            _unsound.UnionWith(
                Enumerable
                    .Range(0, sizes.Length)
                    .Where(i => !stored.TryGetValue(_packs[i], out var size) || size != sizes[i])
            );
            return _unsound.Count;
        }
    }

    /// <summary>Packs that the index names and a listing lacks.</summary>
    /// <param name="stored">The listing.</param>
    /// <param name="most">How many to name at most.</param>
    public List<PackId> PacksWithout(IReadOnlyDictionary<PackId, long> stored, int most)
    {
        lock (_lock)
        {
            return [.. _packs.Where(pack => !stored.ContainsKey(pack)).Take(most)];
        }
    }

    private bool HasPlace(BlobHandle blob, BlobPlace wanted)
    {
        var cursor = -1;
        while (Map(blob.Type).TryNext(blob.Id, ref cursor, out var place))
        {
            if (place == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsKnown(BlobHandle blob)
    {
        var cursor = -1;
        while (Map(blob.Type).TryNext(blob.Id, ref cursor, out var place))
        {
            if (!_unsound.Contains(place.Pack))
            {
                return true;
            }
        }

        return false;
    }

    private IndexMap Map(BlobType type) => type == BlobType.Tree ? _trees : _data;
}

/// <summary>A blob's place in a pack.</summary>
/// <param name="Pack">The pack.</param>
/// <param name="Entry">Where in it.</param>
/// <param name="IsPackUnsound">
/// Whether the pack is known to be missing from the store, or to have another length there.
/// </param>
internal readonly record struct BlobLocation(PackId Pack, PackEntry Entry, bool IsPackUnsound);
