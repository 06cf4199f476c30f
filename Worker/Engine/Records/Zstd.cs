using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Granary.Engine.Records;

/// <summary>zstd as the format wants it: frames with a content size and without a checksum. Not safe for concurrent use.</summary>
/// <remarks>Source: repository format §9.</remarks>
internal sealed class Zstd : IDisposable
{
    /// <summary>The level for trees and unpacked files, which are small.</summary>
    public const int DocumentLevel = 3;

    private readonly Compressor _compressor;
    private readonly Decompressor _decompressor = new();

    public Zstd(int level)
    {
        _compressor = new Compressor(level);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_contentSizeFlag, 1);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 0);
    }

    /// <summary>The most that a plaintext can grow to.</summary>
    public static int Bound(int length) => length + (length >> 8) + 512;

    /// <summary>Compresses; false when the result does not fit.</summary>
    public bool TryCompress(ReadOnlySpan<byte> plaintext, Span<byte> destination, out int written) =>
        _compressor.TryWrap(plaintext, destination, out written);

    /// <summary>Decompresses a frame that must fill the destination exactly. False for anything else, damage included.</summary>
    public bool TryDecompressExactly(ReadOnlySpan<byte> compressed, Span<byte> destination)
    {
        try
        {
            return _decompressor.TryUnwrap(compressed, destination, out var written) && written == destination.Length;
        }
        catch (ZstdException)
        {
            return false;
        }
    }

    /// <summary>A stream that compresses into another, whose plaintext length is known in advance.</summary>
    public static Stream Compressing(Stream destination, long plaintextLength)
    {
        var stream = new CompressionStream(destination, DocumentLevel, bufferSize: 0, leaveOpen: true);
        stream.SetPledgedSrcSize((ulong)plaintextLength);
        return stream;
    }

    /// <summary>A stream that decompresses another.</summary>
    public static Stream Decompressing(Stream compressed) => new DecompressionStream(compressed, bufferSize: 0, checkEndOfStream: true, leaveOpen: false);

    public void Dispose()
    {
        _compressor.Dispose();
        _decompressor.Dispose();
    }
}
