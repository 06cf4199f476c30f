using System.Buffers.Binary;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Storage;

namespace Granary.Engine.Packing;

/// <summary>Reads the headers of stored packs.</summary>
internal static class PackReader
{
    // Fifteen compressed entries come with the first request, which is enough for most packs.
    private const int EagerSize = (15 * PackHeader.CompressedEntrySize) + PackHeader.FixedSize;

    /// <summary>Reads the sealed header at the end of a pack.</summary>
    /// <param name="backend">The store.</param>
    /// <param name="sealer">The repository's.</param>
    /// <param name="version">The repository's.</param>
    /// <param name="pack">The pack.</param>
    /// <param name="size">Its stored size, from a listing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DamagedPackException">
    /// The length points outside the pack, the seal is broken, or the blobs do not fill the pack.
    /// </exception>
    public static async Task<List<PackEntry>> ReadHeaderAsync(
        IBackend backend,
        Sealer sealer,
        int version,
        PackId pack,
        long size,
        CancellationToken cancellationToken
    )
    {
        if (size < PackHeader.SmallestPackSize)
        {
            throw new DamagedPackException(pack.ToString(), $"{size} bytes are too few for a pack");
        }

        var handle = new FileHandle(FileKind.Pack, pack.ToString());
        var tail = new byte[Math.Min(size, EagerSize)];
        await backend.ReadAsync(handle, size - tail.Length, tail, cancellationToken);
        var length = HeaderLength(pack, tail, size);
        if (length + PackHeader.LengthSize > tail.Length)
        {
            tail = new byte[length + PackHeader.LengthSize];
            await backend.ReadAsync(handle, size - tail.Length, tail, cancellationToken);
        }

        return Open(sealer, version, pack, tail.AsSpan(tail.Length - length - PackHeader.LengthSize, length), size);
    }

    /// <summary>Reads the header of a whole pack in memory.</summary>
    /// <exception cref="DamagedPackException">As for a stored pack.</exception>
    public static List<PackEntry> ReadHeader(Sealer sealer, int version, PackId pack, ReadOnlySpan<byte> content)
    {
        if (content.Length < PackHeader.SmallestPackSize)
        {
            throw new DamagedPackException(pack.ToString(), $"{content.Length} bytes are too few for a pack");
        }

        var length = HeaderLength(pack, content, content.Length);
        return Open(
            sealer,
            version,
            pack,
            content.Slice(content.Length - length - PackHeader.LengthSize, length),
            content.Length
        );
    }

    private static int HeaderLength(PackId pack, ReadOnlySpan<byte> tail, long size)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(tail[^PackHeader.LengthSize..]);
        return length is >= Sealer.Overhead and <= PackHeader.MaximumSize && length <= size - PackHeader.LengthSize
            ? (int)length
            : throw new DamagedPackException(
                pack.ToString(),
                $"its header claims a length of {length} bytes in a pack of {size}"
            );
    }

    private static List<PackEntry> Open(Sealer sealer, int version, PackId pack, ReadOnlySpan<byte> header, long size)
    {
        var plain = sealer.Open(header)
            ?? throw new DamagedPackException(pack.ToString(), "the seal of its header is broken");
        var entries = PackHeader.Decode(pack, version, plain);
        var expected = PackHeader.PackSize(entries);
        return expected == size
            ? entries
            : throw new DamagedPackException(
                pack.ToString(),
                $"its blobs add up to {expected} bytes, but it has {size}"
            );
    }
}
