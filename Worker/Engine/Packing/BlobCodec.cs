using System.Security.Cryptography;
using Granary.Engine.Chunking;
using Granary.Engine.Compression;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;

namespace Granary.Engine.Packing;

/// <summary>
/// Compresses and seals single blobs, and opens them again. One thread's tools: not safe for concurrent use.
/// </summary>
/// <remarks>
/// Buffers come from the pool of chunk buffers and go back on disposal. Source: repository format §3, §9.
/// </remarks>
internal sealed class BlobCodec(Sealer sealer, ChunkBuffers chunks, int level) : IDisposable
{
    /// <summary>Room for the largest chunk, its seal, and the bytes that compression may add.</summary>
    public const int BufferSize = Chunker.MaximumSize + (64 << 10);

    // Stays in the processor's cache between decryption and hash.
    private const int PieceSize = 64 << 10;

    private readonly Zstd _zstd = Zstd.Create(level);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[]? _sealed;
    private byte[]? _opened;
    private byte[]? _piece;

    /// <summary>Compresses a blob if that is wanted and helps, and seals it.</summary>
    /// <param name="plaintext">The blob.</param>
    /// <param name="compress">Whether to try.</param>
    /// <param name="uncompressedLength">The plaintext's length, or 0 if the blob was not compressed.</param>
    /// <returns>The sealed bytes, valid until the next call.</returns>
    public ReadOnlySpan<byte> Seal(ReadOnlySpan<byte> plaintext, bool compress, out uint uncompressedLength)
    {
        var buffer = Buffer(ref _sealed, plaintext.Length + Sealer.Overhead);
        var text = buffer.AsSpan(Sealer.IvSize);
        uncompressedLength = 0;
        var length = plaintext.Length;

        // A chunk that does not shrink is stored as it is: equally valid, and quicker to read.
        if (compress && length > 0 && _zstd.TryCompress(plaintext, text[..(length - 1)], out var compressed))
        {
            uncompressedLength = (uint)length;
            length = compressed;
        }
        else
        {
            plaintext.CopyTo(text);
        }

        var @sealed = buffer.AsSpan(0, length + Sealer.Overhead);
        sealer.SealInPlace(@sealed);
        return @sealed;
    }

    /// <summary>Opens and decompresses a blob, and checks its id.</summary>
    /// <param name="sealed">The stored bytes.</param>
    /// <param name="uncompressedLength">As stored: 0 if not compressed.</param>
    /// <param name="id">The hash that the plaintext must have.</param>
    /// <param name="plaintext">Where it goes; exactly as long as it.</param>
    /// <returns>The fault of the blob, or null.</returns>
    public string? Open(ReadOnlySpan<byte> @sealed, uint uncompressedLength, BlobId id, Span<byte> plaintext)
    {
        if (uncompressedLength == 0)
        {
            if (!sealer.TryOpen(@sealed, plaintext))
            {
                return "its seal is broken";
            }
        }
        else
        {
            if (!TryOpen(@sealed, out var opened))
            {
                return "its seal is broken";
            }

            if (!_zstd.TryDecompressExactly(opened, plaintext))
            {
                return $"it does not decompress to {plaintext.Length} bytes";
            }
        }

        return BlobId.Of(plaintext) == id ? null : "its content has another hash";
    }

    /// <summary>Opens a blob that was just sealed, to catch bad memory before it is stored for years.</summary>
    /// <exception cref="DamagedPackException">It does not open to the same blob.</exception>
    public void Verify(ReadOnlySpan<byte> @sealed, uint uncompressedLength, BlobId id, int length)
    {
        if (FaultOf(@sealed, uncompressedLength, id, length) is { } fault)
        {
            throw new DamagedPackException(
                "(new)",
                $"blob {id} did not survive sealing and opening: {fault}; this machine's memory may be faulty"
            );
        }
    }

    /// <summary>
    /// The fault of a blob, or null: as <see cref="Open"/>, but piece by piece, so that it is in memory only as it is
    /// stored.
    /// </summary>
    public string? FaultOf(ReadOnlySpan<byte> @sealed, uint uncompressedLength, BlobId id, int length)
    {
        if (!sealer.IsAuthentic(@sealed))
        {
            return "its seal is broken";
        }

        var opened = sealer.Opening(@sealed);
        var hash = uncompressedLength == 0 ? HashOf(ref opened) : _zstd.HashDecompressed(ref opened, length);
        return hash is null ? $"it does not decompress to {length} bytes"
            : hash == id.Hash ? null
            : "its content has another hash";
    }

    private Sha256Id HashOf(ref OpenedPieces opened)
    {
        _piece ??= GC.AllocateUninitializedArray<byte>(PieceSize);
        while (opened.Left > 0)
        {
            _hash.AppendData(opened.Next(_piece));
        }

        Span<byte> hash = stackalloc byte[Sha256Id.Size];
        _hash.GetHashAndReset(hash);
        return new Sha256Id(hash);
    }

    // The opened bytes are valid until the next call.
    private bool TryOpen(ReadOnlySpan<byte> @sealed, out Span<byte> opened)
    {
        opened = Buffer(ref _opened, @sealed.Length).AsSpan(0, @sealed.Length - Sealer.Overhead);
        return sealer.TryOpen(@sealed, opened);
    }

    public void Dispose()
    {
        _zstd.Dispose();
        _hash.Dispose();
        Release(ref _sealed);
        Release(ref _opened);
    }

    private byte[] Buffer(ref byte[]? buffer, int length)
    {
        if (buffer is null || buffer.Length < length)
        {
            Release(ref buffer);
            buffer = chunks.Rent(length);
        }

        return buffer;
    }

    private void Release(ref byte[]? buffer)
    {
        if (buffer is not null)
        {
            chunks.Return(buffer);
        }

        buffer = null;
    }
}
