using System.Security.Cryptography;
using Granary.Engine.Compression;
using Granary.Engine.Crypto;

namespace Granary.Engine.Packing;

/// <summary>
/// Seals and opens blobs that are too long for one array, in pooled segments: trees, which name every chunk of a
/// stream.
/// </summary>
/// <remarks>A stream of a TiB has a tree of about 50 MB. The bytes are those that <see cref="Sealer"/> makes.</remarks>
internal static class LargeBlob
{
    /// <summary>Seals the bytes that are written, compressed if asked for.</summary>
    /// <param name="sealer">The repository's.</param>
    /// <param name="segments">Where the sealed bytes live.</param>
    /// <param name="write">Writes the plaintext.</param>
    /// <param name="plaintextLength">How long that is.</param>
    /// <param name="compress">Whether to compress.</param>
    public static SegmentedBuffer Seal(
        Sealer sealer,
        BufferPool segments,
        Action<Stream> write,
        long plaintextLength,
        bool compress
    )
    {
        var buffer = new SegmentedBuffer(segments);
        try
        {
            Span<byte> iv = stackalloc byte[Sealer.IvSize];
            Sealer.NewIv(iv);
            buffer.Append(iv);
            using (var target = compress ? Zstd.Compressing(buffer.AsWriter(), plaintextLength) : buffer.AsWriter())
            {
                write(target);
            }

            // Segments are multiples of 16 bytes and so is the IV: only the last piece can end inside a block.
            var keyStream = sealer.KeyStream(iv);
            for (
                long position = Sealer.IvSize;
                buffer.From(position) is { IsEmpty: false } part;
                position += part.Length
            )
            {
                keyStream.Transform(part.Span, part.Span);
            }

            Span<byte> mac = stackalloc byte[Sealer.MacSize];
            Authenticate(sealer, buffer, buffer.Length, mac);
            buffer.Append(mac);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>Whether the MAC is right. Nothing of the content may be used before this is known.</summary>
    public static bool IsAuthentic(Sealer sealer, SegmentedBuffer @sealed)
    {
        if (@sealed.Length < Sealer.Overhead || !@sealed.From(0).Span[..Sealer.IvSize].ContainsAnyExcept((byte)0))
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[Sealer.MacSize];
        Span<byte> found = stackalloc byte[Sealer.MacSize];
        var end = @sealed.Length - Sealer.MacSize;
        Authenticate(sealer, @sealed, end, expected);
        using var stored = @sealed.AsStream();
        stored.Position = end;
        stored.ReadExactly(found);
        return CryptographicOperations.FixedTimeEquals(expected, found);
    }

    /// <summary>The plaintext of an authentic blob.</summary>
    public static Stream Open(Sealer sealer, SegmentedBuffer @sealed, bool isCompressed)
    {
        var opened = new OpeningStream(sealer, @sealed);
        return isCompressed ? Zstd.Decompressing(opened) : opened;
    }

    private static void Authenticate(Sealer sealer, SegmentedBuffer @sealed, long end, Span<byte> mac)
    {
        Span<byte> macKey = stackalloc byte[Poly1305.KeySize];
        sealer.MacKey(@sealed.From(0).Span[..Sealer.IvSize], macKey);
        using var poly = new Poly1305(macKey);
        for (long position = Sealer.IvSize; position < end; )
        {
            var part = @sealed.From(position).Span;
            part = part[..(int)Math.Min(part.Length, end - position)];
            poly.Update(part);
            position += part.Length;
        }

        poly.Finish(mac);
    }

    private sealed class OpeningStream(Sealer sealer, SegmentedBuffer @sealed) : ReadingStream
    {
        private readonly byte[] _buffer = new byte[16 << 10];
        private AesCtr _keyStream = sealer.KeyStream(@sealed.From(0).Span[..Sealer.IvSize]);
        private long _position = Sealer.IvSize;
        private int _start;
        private int _end;

        public override int Read(Span<byte> destination)
        {
            if (_start == _end && !Fill())
            {
                return 0;
            }

            var count = Math.Min(destination.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(destination);
            _start += count;
            return count;
        }

        // Pieces begin at multiples of 16 and the buffer is one, so each but the last is one too.
        private bool Fill()
        {
            var end = @sealed.Length - Sealer.MacSize;
            var part = @sealed.From(_position).Span;
            part = part[..(int)Math.Min(Math.Min(part.Length, _buffer.Length), Math.Max(0, end - _position))];
            _keyStream.Transform(part, _buffer);
            _position += part.Length;
            _start = 0;
            _end = part.Length;
            return _end > 0;
        }
    }
}
