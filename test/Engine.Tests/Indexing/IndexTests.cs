using System.Text;
using System.Text.Json;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;

namespace Granary.Engine.Tests.Indexing;

public sealed class IndexTests
{
    private static readonly PackId One = new(Sha256Id.Of("one"u8));
    private static readonly PackId Two = new(Sha256Id.Of("two"u8));

    [Fact]
    public void Every_one_of_many_blobs_is_found_and_no_other()
    {
        var map = new IndexMap();
        for (var i = 0; i < 100_000; i++)
        {
            map.Add(Blob(i), new BlobPlace(i / 100, (uint)i, 50, 60));
        }

        for (var i = 0; i < 100_000; i++)
        {
            var cursor = -1;
            Assert.True(map.TryNext(Blob(i), ref cursor, out var place));
            Assert.Equal((uint)i, place.Offset);
            Assert.False(map.TryNext(Blob(i), ref cursor, out _));
        }

        var start = -1;
        Assert.False(map.TryNext(Blob(100_000), ref start, out _));
    }

    [Fact]
    public void A_million_blobs_allocate_less_than_72_bytes_each_outgrown_slots_included()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var map = new IndexMap();
        for (var i = 0; i < 1_000_000; i++)
        {
            map.Add(Blob(i), new BlobPlace(i / 100, (uint)i, 50, 60));
        }

        var hashing = 1_000_000L * 32; // BitConverter's array of the test itself.
        var perBlob = (GC.GetAllocatedBytesForCurrentThread() - before - hashing) / (double)map.Count;
        Assert.InRange(perBlob, 48, 72);
    }

    [Fact]
    public void A_blob_in_two_packs_has_two_places_and_the_missing_pack_comes_last()
    {
        var index = new RepositoryIndex();
        var entry = Entry(1, 0);
        index.Add(One, [entry]);
        index.Add(Two, [entry with { Offset = 32 }]);

        index.DistrustUnsound(new Dictionary<PackId, long> { [Two] = PackHeader.PackSize([entry]) });

        Assert.Equal([Two, One], index.Find(entry.Blob).Select(place => place.Pack));
        Assert.True(index.TryFind(entry.Blob, out var found));
        Assert.Equal(Two, found.Pack);
    }

    [Fact]
    public void A_pack_in_two_index_files_counts_once_and_may_be_spread_over_them()
    {
        var index = new RepositoryIndex();
        index.Add(One, [Entry(1, 0), Entry(2, 50)]);

        index.Add(One, [Entry(2, 50), Entry(3, 100)]);

        Assert.Equal(1, index.PackCount);
        Assert.Equal(3, index.EntryCount(BlobType.Data));
        Assert.Single(index.Find(Entry(2, 50).Blob));
    }

    [Fact]
    public void A_blob_is_claimed_once_and_known_when_its_pack_is_stored()
    {
        var index = new RepositoryIndex();
        var entry = Entry(1, 0);

        Assert.True(index.TryClaim(entry.Blob));
        Assert.False(index.TryClaim(entry.Blob));
        Assert.False(index.Contains(entry.Blob));
        index.Add(One, [entry]);

        Assert.True(index.Contains(entry.Blob));
        Assert.False(index.TryClaim(entry.Blob));
        Assert.True(index.TryClaim(entry.Blob with { Type = BlobType.Tree }));
    }

    [Fact]
    public void A_blob_whose_only_pack_is_missing_or_cut_short_is_stored_again()
    {
        PackEntry[] entries = [Entry(1, 0), Entry(2, 50) with { UncompressedLength = 0 }];
        var index = new RepositoryIndex();
        index.Add(One, entries);
        var size = PackHeader.PackSize(entries);

        Assert.Equal(1, index.DistrustUnsound(new Dictionary<PackId, long> { [One] = size - 1 }));
        Assert.False(index.Contains(entries[0].Blob));
        Assert.Equal(1, index.DistrustUnsound(new Dictionary<PackId, long>()));
        Assert.True(index.TryClaim(entries[0].Blob));

        Assert.Equal(0, index.DistrustUnsound(new Dictionary<PackId, long> { [One] = size }));
        Assert.True(index.Contains(entries[1].Blob));
    }

    [Fact]
    public void Documents_come_back()
    {
        IndexedPack[] packs =
        [
            new(One, [Entry(1, 0), Entry(2, 50) with { UncompressedLength = 0 }]),
            new(Two, [Entry(3, 0)]),
        ];

        var read = IndexJson.Read(2, new MemoryStream(IndexJson.Write(packs))).ToList();

        Assert.Equal(packs.SelectMany(pack => pack.Blobs), read.SelectMany(pack => pack.Blobs));
        Assert.Equal([One, Two], read.Select(pack => pack.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"packs":null}""")]
    [InlineData("""{"supersedes":["a","b"],"packs":[]}""")]
    public void Documents_without_packs_are_read(string json) => Assert.Empty(Read(2, json));

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"packs":[{"blobs":[]}]}""")]
    [InlineData("""{"packs":[{"id":"12","blobs":[]}]}""")]
    [InlineData(
        """{"packs":[{"id":"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03","blobs":["""
            + """{"id":"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03","type":"other","offset":"""
            + """0,"length":38}]}]}"""
    )]
    [InlineData(
        """{"packs":[{"id":"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03","blobs":["""
            + """{"id":"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03","type":"data","offset":"""
            + """0,"length":5}]}]}"""
    )]
    [InlineData(
        """{"packs":[{"id":"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03","blobs":["""
            + """{"id":"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03","type":"data","offset":"""
            + """4294967200,"length":100}]}]}"""
    )]
    public void Impossible_documents_are_refused(string json) => Assert.ThrowsAny<JsonException>(() => Read(2, json));

    [Fact]
    public void A_compressed_blob_in_a_version_1_index_is_refused()
    {
        var json = Encoding.UTF8.GetString(IndexJson.Write([new IndexedPack(One, [Entry(1, 0)])]));

        Assert.Throws<UnsupportedFormatException>(() => Read(1, json));
    }

    private static List<IndexedPack> Read(int version, string json) =>
        [.. IndexJson.Read(version, new MemoryStream(Encoding.UTF8.GetBytes(json)))];

    private static BlobId Blob(int number) => BlobId.Of(BitConverter.GetBytes(number));

    private static PackEntry Entry(int number, uint offset) =>
        new(new BlobHandle(BlobType.Data, Blob(number)), offset, 50, 60);
}
