using Granary.Engine.Compression;

namespace Granary.Engine.Records;

/// <summary>The encoding inside the seal of an index, snapshot or lock file.</summary>
/// <remarks>
/// Version 1: the JSON text. Version 2: <c>{</c> or <c>[</c> begins JSON text, the byte 2 begins a zstd frame of it.
/// Nothing at all is an empty document. Source: repository format §5.
/// </remarks>
internal static class UnpackedFormat
{
    private const byte Compressed = 2;

    /// <summary>Encodes a document for a repository version, leaving room before and after it for the seal.</summary>
    public static byte[] Encode(int version, ReadOnlySpan<byte> document, int before, int after)
    {
        if (version < 2)
        {
            var plain = new byte[before + document.Length + after];
            document.CopyTo(plain.AsSpan(before));
            return plain;
        }

        using var zstd = Zstd.Create(Zstd.DocumentLevel);
        var encoded = new byte[before + 1 + Zstd.Bound(document.Length) + after];
        encoded[before] = Compressed;
        if (!zstd.TryCompress(document, encoded.AsSpan(before + 1), out var written))
        {
            throw new InvalidOperationException("A document did not fit the bound of its compression.");
        }

        Array.Resize(ref encoded, before + 1 + written + after);
        return encoded;
    }

    /// <summary>The JSON text that was in the seal, as a stream.</summary>
    /// <exception cref="UnsupportedFormatException">The encoding is not known.</exception>
    public static Stream Decode(int version, byte[] encoded, int offset, int length)
    {
        var content = new MemoryStream(encoded, offset, length, writable: false);
        if (version < 2 || length == 0 || encoded[offset] is (byte)'{' or (byte)'[')
        {
            return content;
        }

        if (encoded[offset] != Compressed)
        {
            throw new UnsupportedFormatException($"a file has the encoding {encoded[offset]}; this program knows 2");
        }

        content.Position = 1;
        return Zstd.Decompressing(content);
    }
}
