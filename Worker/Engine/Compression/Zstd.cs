using System.Security.Cryptography;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Granary.Engine.Compression;

/// <summary>
/// zstd as the format wants it: frames with a content size and without a checksum. Not safe for concurrent use.
/// </summary>
/// <remarks>Source: repository format §9.</remarks>
internal abstract class Zstd : IDisposable
{
    /// <summary>The level for trees and unpacked files, which are small.</summary>
    public const int DocumentLevel = 3;

    // Stays in the processor's cache between decompression and hash.
    private const int PieceSize = 128 << 10;
    private const int OpenedSize = 64 << 10;

    /// <summary>The native library's tools, or the managed port's where it cannot be loaded.</summary>
    public static Zstd Create(int level) => ZstdLibrary.IsAvailable ? new Native(level) : new Managed(level);

    /// <summary>The managed port's tools, so that tests can compare the two.</summary>
    internal static Zstd CreateManaged(int level) => new Managed(level);

    /// <summary>The most that a plaintext can grow to.</summary>
    public static int Bound(int length) => length + (length >> 8) + 512;

    /// <summary>Compresses; false when the result does not fit.</summary>
    public abstract bool TryCompress(ReadOnlySpan<byte> plaintext, Span<byte> destination, out int written);

    /// <summary>
    /// Decompresses a frame that must fill the destination exactly. False for anything else, damage included.
    /// </summary>
    public abstract bool TryDecompressExactly(ReadOnlySpan<byte> compressed, Span<byte> destination);

    /// <summary>
    /// The hash of a frame's decompressed bytes, computed piece by piece. Null for anything but that length, damage
    /// included.
    /// </summary>
    public abstract Sha256Id? HashDecompressed(ref OpenedPieces compressed, long length);

    /// <summary>A stream that compresses into another, whose plaintext length is known in advance.</summary>
    public static Stream Compressing(Stream destination, long plaintextLength)
    {
        if (ZstdLibrary.IsAvailable)
        {
            return new ZstdWriter(destination, DocumentLevel, plaintextLength);
        }

        var stream = new CompressionStream(destination, DocumentLevel, bufferSize: 0, leaveOpen: true);
        stream.SetPledgedSrcSize((ulong)plaintextLength);
        return stream;
    }

    /// <summary>A stream that decompresses another.</summary>
    public static Stream Decompressing(Stream compressed) =>
        ZstdLibrary.IsAvailable
            ? new ZstdReader(compressed)
            : new DecompressionStream(compressed, bufferSize: 0, checkEndOfStream: true, leaveOpen: false);

    public abstract void Dispose();

    private sealed unsafe class Native(int level) : Zstd
    {
        private readonly ZstdLibrary.CompressorHandle _compressor = ZstdWriter.CreateCompressor(level);
        private readonly ZstdLibrary.DecompressorHandle _decompressor = ZstdReader.CreateDecompressor();
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private byte[]? _piece;
        private byte[]? _opened;

        public override bool TryCompress(ReadOnlySpan<byte> plaintext, Span<byte> destination, out int written)
        {
            fixed (
                byte* source = plaintext,
                    target = destination
            )
            {
                var size = ZstdLibrary.Compress(
                    _compressor,
                    target,
                    (nuint)destination.Length,
                    source,
                    (nuint)plaintext.Length
                );
                var fits = ZstdLibrary.IsError(size) == 0;
                written = fits ? (int)size : 0;
                return fits;
            }
        }

        public override bool TryDecompressExactly(ReadOnlySpan<byte> compressed, Span<byte> destination)
        {
            fixed (
                byte* source = compressed,
                    target = destination
            )
            {
                // An error is a number near the largest, and never a length.
                return ZstdLibrary.Decompress(
                        _decompressor,
                        target,
                        (nuint)destination.Length,
                        source,
                        (nuint)compressed.Length
                    ) == (nuint)destination.Length;
            }
        }

        public override Sha256Id? HashDecompressed(ref OpenedPieces compressed, long length)
        {
            _piece ??= GC.AllocateUninitializedArray<byte>(PieceSize, pinned: true);
            _opened ??= GC.AllocateUninitializedArray<byte>(OpenedSize, pinned: true);
            Span<byte> hash = stackalloc byte[Sha256Id.Size];
            long total = 0;
            fixed (
                byte* source = _opened,
                    target = _piece
            )
            {
                _ = ZstdLibrary.Reset(_decompressor, ZstdLibrary.ResetSession);
                var input = new ZstdLibrary.Piece { Start = source };
                nuint left;
                do
                {
                    if (input.Position == input.Length)
                    {
                        input.Length = (nuint)compressed.Next(_opened).Length;
                        input.Position = 0;
                    }

                    var output = new ZstdLibrary.Piece { Start = target, Length = PieceSize };
                    left = ZstdLibrary.DecompressStream(_decompressor, &output, &input);
                    total += (long)output.Position;
                    var isCut =
                        left != 0 && output.Position == 0 && input.Position == input.Length && compressed.Left == 0;
                    if (ZstdLibrary.IsError(left) != 0 || total > length || isCut)
                    {
                        _hash.GetHashAndReset(hash);
                        return null;
                    }

                    _hash.AppendData(_piece.AsSpan(0, (int)output.Position));
                } while (left != 0);

                _hash.GetHashAndReset(hash);
                return total == length && input.Position == input.Length && compressed.Left == 0
                    ? new Sha256Id(hash)
                    : null;
            }
        }

        public override void Dispose()
        {
            _compressor.Dispose();
            _decompressor.Dispose();
            _hash.Dispose();
        }
    }

    private sealed class Managed : Zstd
    {
        private readonly Compressor _compressor;
        private readonly Decompressor _decompressor = new();

        public Managed(int level)
        {
            _compressor = new Compressor(level);
            _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_contentSizeFlag, 1);
            _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 0);
        }

        public override bool TryCompress(ReadOnlySpan<byte> plaintext, Span<byte> destination, out int written) =>
            _compressor.TryWrap(plaintext, destination, out written);

        public override bool TryDecompressExactly(ReadOnlySpan<byte> compressed, Span<byte> destination)
        {
            try
            {
                return _decompressor.TryUnwrap(compressed, destination, out var written)
                    && written == destination.Length;
            }
            catch (ZstdException)
            {
                return false;
            }
        }

        // As a whole: where the native library does not load, speed and memory fall short in any case.
        public override Sha256Id? HashDecompressed(ref OpenedPieces compressed, long length)
        {
            var opened = new byte[compressed.Left];
            var plaintext = new byte[length];
            return TryDecompressExactly(compressed.Next(opened), plaintext) ? Sha256Id.Of(plaintext) : null;
        }

        public override void Dispose()
        {
            _compressor.Dispose();
            _decompressor.Dispose();
        }
    }
}
