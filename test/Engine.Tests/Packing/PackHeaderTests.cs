using System.Text.Json.Nodes;
using Granary.Engine.Ids;
using Granary.Engine.Packing;

namespace Granary.Engine.Tests.Packing;

public sealed class PackHeaderTests
{
    private static readonly JsonArray Given = Vectors.Load("packs.json")["packs"]!.AsArray();

    public static TheoryData<int> All => [.. Enumerable.Range(0, Given.Count)];

    [Theory]
    [MemberData(nameof(All))]
    public void Packs_of_restic_are_read_and_their_headers_written_alike(int number)
    {
        var vector = Given[number]!;
        var content = vector.Hex("pack_hex");
        var version = vector.Text("repository") == "repo-v1" ? 1 : 2;
        Assert.Equal(vector.Text("id"), Sha256Id.Of(content).ToString());

        var entries = PackReader.ReadHeader(
            Vectors.Sealer(vector.Text("repository")),
            version,
            PackId.Parse(vector.Text("id")),
            content
        );

        Assert.Equal(Expected(vector), entries);
        Assert.Equal(vector.Text("header_plain_hex"), Convert.ToHexStringLower(PackHeader.Encode(entries)));
        Assert.Equal(content.Length, PackHeader.PackSize(entries));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Blobs_of_restic_open(int number)
    {
        var vector = Given[number]!;
        var content = vector.Hex("pack_hex");
        using var codec = new BlobCodec(
            Vectors.Sealer(vector.Text("repository")),
            new ChunkBuffers(BlobCodec.BufferSize),
            1
        );

        foreach (var entry in Expected(vector))
        {
            var plaintext = new byte[entry.PlaintextLength];
            Assert.Null(
                codec.Open(
                    content.AsSpan((int)entry.Offset, (int)entry.Length),
                    entry.UncompressedLength,
                    entry.Blob.Id,
                    plaintext
                )
            );
        }
    }

    private static List<PackEntry> Expected(JsonNode vector) =>
        [
            .. vector["blobs"]!
                .AsArray()
                .Select(each => new PackEntry(
                    new BlobHandle(
                        each![0]!.GetValue<string>() == "tree" ? BlobType.Tree : BlobType.Data,
                        BlobId.Parse(each[1]!.GetValue<string>())
                    ),
                    each[2]!.GetValue<uint>(),
                    each[3]!.GetValue<uint>(),
                    each[4]!.GetValue<uint>()
                )),
        ];
}
