using System.Buffers;
using System.Text.Json;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Engine.Packing;
using Granary.Engine.Records.Json;

namespace Granary.Engine.Indexing;

/// <summary>A pack and its blobs, as an index file lists them.</summary>
internal sealed record IndexedPack(PackId Id, IReadOnlyList<PackEntry> Blobs);

/// <summary>Reads and writes index documents. Source: repository format §7.</summary>
internal static class IndexJson
{
    /// <summary>
    /// The longest blob, sealed or plain, that an index may name: buffers and streams are measured in such numbers.
    /// </summary>
    public const int LongestBlob = int.MaxValue;

    /// <summary>Reads pack after pack, without the document as a whole in memory.</summary>
    /// <param name="version">The repository's: compressed blobs in version 1 are refused.</param>
    /// <param name="source">The JSON text.</param>
    /// <exception cref="JsonException">It is not JSON, or not an index.</exception>
    public static IEnumerable<IndexedPack> Read(int version, Stream source)
    {
        var tokens = new JsonTokens(source);
        if (!tokens.Read())
        {
            yield break;
        }

        tokens.Expect(JsonTokenType.StartObject);
        while (tokens.Next() == JsonTokenType.PropertyName)
        {
            // "supersedes" and all other members play no part.
            if (!tokens.IsMember("packs"u8))
            {
                tokens.SkipValue();
            }
            else if (tokens.Next() != JsonTokenType.Null)
            {
                tokens.Expect(JsonTokenType.StartArray);
                while (tokens.Next() == JsonTokenType.StartObject)
                {
                    yield return ReadPack(version, tokens);
                }

                tokens.Expect(JsonTokenType.EndArray);
            }
        }

        tokens.Expect(JsonTokenType.EndObject);
        if (tokens.Read())
        {
            throw new JsonException("Something follows the index.");
        }
    }

    public static byte[] Write(IEnumerable<IndexedPack> packs)
    {
        var bytes = new ArrayBufferWriter<byte>(64 << 10);
        var json = new JsonText(bytes);
        json.Open('{').Member("packs"u8).Open('[');
        foreach (var pack in packs)
        {
            json.Open('{');
            json.Member("id"u8).Id(pack.Id.Hash);
            json.Member("blobs"u8).Open('[');
            foreach (var blob in pack.Blobs)
            {
                json.Open('{');
                json.Member("id"u8).Id(blob.Blob.Id.Hash);
                json.Member("type"u8).Text(blob.Blob.Type == BlobType.Tree ? "tree"u8 : "data"u8);
                json.Member("offset"u8).Number((ulong)blob.Offset);
                json.Member("length"u8).Number((ulong)blob.Length);
                json.OptionalNumber("uncompressed_length"u8, blob.UncompressedLength);
                json.Close('}');
            }

            json.Close(']').Close('}');
        }

        json.Close(']').Close('}').EndOfLine();
        return bytes.WrittenSpan.ToArray();
    }

    private static IndexedPack ReadPack(int version, JsonTokens tokens)
    {
        Sha256Id id = default;
        var blobs = new List<PackEntry>();
        while (tokens.Next() == JsonTokenType.PropertyName)
        {
            if (tokens.IsMember("id"u8))
            {
                id = tokens.NextId();
            }
            else if (!tokens.IsMember("blobs"u8))
            {
                tokens.SkipValue();
            }
            else if (tokens.Next() != JsonTokenType.Null)
            {
                tokens.Expect(JsonTokenType.StartArray);
                while (tokens.Next() == JsonTokenType.StartObject)
                {
                    blobs.Add(ReadBlob(version, tokens));
                }

                tokens.Expect(JsonTokenType.EndArray);
            }
        }

        tokens.Expect(JsonTokenType.EndObject);
        return id.IsZero ? throw new JsonException("A pack has no id.") : new IndexedPack(new PackId(id), blobs);
    }

    private static PackEntry ReadBlob(int version, JsonTokens tokens)
    {
        Sha256Id id = default;
        BlobType? type = null;
        ulong offset = 0,
            length = 0,
            uncompressed = 0;
        while (tokens.Next() == JsonTokenType.PropertyName)
        {
            if (tokens.IsMember("id"u8))
            {
                id = tokens.NextId();
            }
            else if (tokens.IsMember("type"u8))
            {
                type = tokens.NextText() switch
                {
                    "data" => BlobType.Data,
                    "tree" => BlobType.Tree,
                    _ => throw new JsonException("A blob's type is not known."),
                };
            }
            else if (tokens.IsMember("offset"u8))
            {
                offset = tokens.NextNumber();
            }
            else if (tokens.IsMember("length"u8))
            {
                length = tokens.NextNumber();
            }
            else if (tokens.IsMember("uncompressed_length"u8))
            {
                uncompressed = tokens.NextNumber();
            }
            else
            {
                tokens.SkipValue();
            }
        }

        tokens.Expect(JsonTokenType.EndObject);
        if (
            type is null
            || length < Sealer.Overhead
            || length > LongestBlob
            || uncompressed > LongestBlob
            || offset > uint.MaxValue - length
        )
        {
            throw new JsonException("A blob's place is not possible.");
        }

        return version >= 2 || uncompressed == 0
            ? new PackEntry(new BlobHandle(type.Value, new BlobId(id)), (uint)offset, (uint)length, (uint)uncompressed)
            : throw new UnsupportedFormatException("the index of a version 1 repository names a compressed blob");
    }
}
