using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Granary.TestSupport;

/// <summary>Reproducible bytes: the same seed gives the same stream on every machine.</summary>
public static class SeededBytes
{
    /// <summary>Bytes that do not compress: SHA-256(seed || i as 8 bytes little-endian) for i = 0, 1, 2 …</summary>
    public static byte[] Random(string seed, int length)
    {
        byte[] bytes = new byte[length];
        byte[] prefix = Encoding.ASCII.GetBytes(seed);
        byte[] input = new byte[prefix.Length + 8];
        prefix.CopyTo(input, 0);
        Span<byte> hash = stackalloc byte[32];
        for (int offset = 0; offset < length; offset += 32)
        {
            BinaryPrimitives.WriteInt64LittleEndian(input.AsSpan(prefix.Length), offset / 32);
            SHA256.HashData(input, hash);
            hash[..Math.Min(32, length - offset)].CopyTo(bytes.AsSpan(offset));
        }

        return bytes;
    }

    /// <summary>Bytes that look like the COPY text of a plain dump, cut to <paramref name="length"/>.</summary>
    public static byte[] CopyText(string seed, int length)
    {
        var text = new StringBuilder(length + 128);
        byte[] prefix = Encoding.ASCII.GetBytes(seed);
        byte[] input = new byte[prefix.Length + 8];
        prefix.CopyTo(input, 0);
        Span<byte> h = stackalloc byte[32];
        for (long row = 1; text.Length < length; row++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(input.AsSpan(prefix.Length), row);
            SHA256.HashData(input, h);
            int customer = (h[0] | (h[1] << 8) | (h[2] << 16)) % 100000;
            text.Append($"{row}\tcustomer-{customer:D6}\t2024-{1 + (h[3] % 12):D2}-{1 + (h[4] % 28):D2} ")
                .Append(
                    $"{h[5] % 24:D2}:{h[6] % 60:D2}:{h[7] % 60:D2}\t{h[8] | (h[9] << 8)}.{h[10] % 100:D2}\t"
                        + $"{((h[11] & 1) == 1 ? 't' : 'f')}\n"
                );
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }
}
