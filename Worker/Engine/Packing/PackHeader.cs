using System.Buffers.Binary;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;

namespace Granary.Engine.Packing;

/// <summary>The list of blobs at the end of a pack.</summary>
/// <remarks>
/// Shape: entries of 37 bytes (41 when compressed) in the order of the blobs, sealed as a whole, then a little-endian
/// uint32 with the sealed length. An entry is type (1), stored length (4, LE), plaintext length (4, LE; compressed
/// only), id (32). Offsets follow from adding up lengths, since blobs lie without gaps from offset 0. Source:
/// repository format §6.
/// </remarks>
internal static class PackHeader
{
    public const int EntrySize = 37;
    public const int CompressedEntrySize = 41;
    public const int LengthSize = sizeof(uint);

    /// <summary>A pack's bytes beyond its blobs and header entries.</summary>
    public const int FixedSize = Sealer.Overhead + LengthSize;

    /// <summary>The longest sealed header that readers accept.</summary>
    public const int MaximumSize = 16 << 20;

    /// <summary>The smallest pack that can be: one empty blob.</summary>
    public const int SmallestPackSize = Sealer.Overhead + EntrySize + FixedSize;

    private const byte CompressedBit = 2;

    /// <summary>How long a pack with these blobs must be.</summary>
    public static long PackSize(IEnumerable<PackEntry> entries) =>
        FixedSize + entries.Sum(entry => entry.Length + (long)entry.HeaderSize);

    /// <summary>The plaintext of the header.</summary>
    public static byte[] Encode(IReadOnlyList<PackEntry> entries)
    {
        var header = new byte[entries.Sum(entry => entry.HeaderSize)];
        var rest = header.AsSpan();
        foreach (var entry in entries)
        {
            rest[0] = (byte)((byte)entry.Blob.Type | (entry.IsCompressed ? CompressedBit : 0));
            BinaryPrimitives.WriteUInt32LittleEndian(rest[1..], entry.Length);
            if (entry.IsCompressed)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(rest[5..], entry.UncompressedLength);
            }

            entry.Blob.Id.Hash.CopyTo(rest[(entry.HeaderSize - Sha256Id.Size)..]);
            rest = rest[entry.HeaderSize..];
        }

        return header;
    }

    /// <summary>Reads the opened header.</summary>
    /// <param name="pack">For messages.</param>
    /// <param name="version">The repository's; compressed blobs exist only in version 2.</param>
    /// <param name="header">The header's plaintext.</param>
    /// <exception cref="DamagedPackException">An entry's type is unknown, or bytes are left over.</exception>
    public static List<PackEntry> Decode(PackId pack, int version, ReadOnlySpan<byte> header)
    {
        var entries = new List<PackEntry>(header.Length / EntrySize);
        long offset = 0;
        while (!header.IsEmpty)
        {
            var type = header[0];
            var isCompressed = (type & CompressedBit) != 0;
            var size = isCompressed ? CompressedEntrySize : EntrySize;
            if (type > 3 || (isCompressed && version < 2))
            {
                throw new DamagedPackException(pack.ToString(), $"its header has a blob of the unknown type {type}");
            }

            if (header.Length < size)
            {
                throw new DamagedPackException(
                    pack.ToString(),
                    $"its header ends within an entry ({header.Length} bytes left)"
                );
            }

            var length = BinaryPrimitives.ReadUInt32LittleEndian(header[1..]);
            var uncompressed = isCompressed ? BinaryPrimitives.ReadUInt32LittleEndian(header[5..]) : 0;
            if (length < Sealer.Overhead || (isCompressed && uncompressed == 0) || offset + length > uint.MaxValue)
            {
                throw new DamagedPackException(pack.ToString(), "its header has a blob of an impossible length");
            }

            var blob = new BlobHandle((BlobType)(type & 1), new BlobId(new Sha256Id(header[(size - Sha256Id.Size)..])));
            entries.Add(new PackEntry(blob, (uint)offset, length, uncompressed));
            offset += length;
            header = header[size..];
        }

        return entries;
    }
}
