using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Granary.Engine.Crypto;

/// <summary>AES-256 in counter mode, with the whole block as one 128-bit big-endian counter that wraps.</summary>
/// <remarks>
/// Source: repository format §3. One instance is one position in one key stream: pieces must be multiples of 16 bytes,
/// except the last. Encrypting and decrypting are the same. In-place use is fine.
/// </remarks>
internal struct AesCtr
{
    private readonly AesSchedule _schedule;
    private ulong _high;
    private ulong _low;
    private bool _ended;

    public AesCtr(AesSchedule schedule, ReadOnlySpan<byte> iv)
    {
        _schedule = schedule;
        _high = BinaryPrimitives.ReadUInt64BigEndian(iv);
        _low = BinaryPrimitives.ReadUInt64BigEndian(iv[8..]);
    }

    /// <summary>Encrypts or decrypts the next bytes of the stream.</summary>
    public void Transform(ReadOnlySpan<byte> source, Span<byte> destination, bool portable = false)
    {
        if (source.IsEmpty)
        {
            return;
        }

        if (_ended)
        {
            throw new InvalidOperationException("Only the last piece of a key stream may end inside a block.");
        }

        _ended = source.Length % AesSchedule.BlockSize != 0;
        destination = destination[..source.Length];
        if (X86Aes.IsSupported && !portable)
        {
            TransformWithInstructions(source, destination);
        }
        else
        {
            TransformWithEcb(source, destination);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<byte> NextCounter()
    {
        var block = Vector128
            .Create(BinaryPrimitives.ReverseEndianness(_high), BinaryPrimitives.ReverseEndianness(_low))
            .AsByte();
        if (++_low == 0)
        {
            _high++;
        }

        return block;
    }

    private void TransformWithInstructions(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        const int eight = 8 * AesSchedule.BlockSize;
        var keys = _schedule.RoundKeys;
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(destination);
        nuint position = 0;

        // Eight independent blocks keep the AES unit busy: one instruction has a latency of four cycles and starts
        // every cycle or two.
        for (; position + eight <= (nuint)source.Length; position += eight)
        {
            var key = keys[0];
            Vector128<byte> b0 = NextCounter() ^ key,
                b1 = NextCounter() ^ key,
                b2 = NextCounter() ^ key,
                b3 = NextCounter() ^ key;
            Vector128<byte> b4 = NextCounter() ^ key,
                b5 = NextCounter() ^ key,
                b6 = NextCounter() ^ key,
                b7 = NextCounter() ^ key;
            for (var round = 1; round < AesSchedule.Rounds; round++)
            {
                key = keys[round];
                b0 = X86Aes.Encrypt(b0, key);
                b1 = X86Aes.Encrypt(b1, key);
                b2 = X86Aes.Encrypt(b2, key);
                b3 = X86Aes.Encrypt(b3, key);
                b4 = X86Aes.Encrypt(b4, key);
                b5 = X86Aes.Encrypt(b5, key);
                b6 = X86Aes.Encrypt(b6, key);
                b7 = X86Aes.Encrypt(b7, key);
            }

            key = keys[AesSchedule.Rounds];
            Xor(ref from, ref to, position, X86Aes.EncryptLast(b0, key));
            Xor(ref from, ref to, position + 16, X86Aes.EncryptLast(b1, key));
            Xor(ref from, ref to, position + 32, X86Aes.EncryptLast(b2, key));
            Xor(ref from, ref to, position + 48, X86Aes.EncryptLast(b3, key));
            Xor(ref from, ref to, position + 64, X86Aes.EncryptLast(b4, key));
            Xor(ref from, ref to, position + 80, X86Aes.EncryptLast(b5, key));
            Xor(ref from, ref to, position + 96, X86Aes.EncryptLast(b6, key));
            Xor(ref from, ref to, position + 112, X86Aes.EncryptLast(b7, key));
        }

        Span<byte> pad = stackalloc byte[AesSchedule.BlockSize];
        for (var rest = (int)position; rest < source.Length; rest += AesSchedule.BlockSize)
        {
            _schedule.EncryptBlock(NextCounter()).CopyTo(pad);
            XorTail(source[rest..], destination[rest..], pad);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Xor(ref byte from, ref byte to, nuint position, Vector128<byte> pad) =>
        (Vector128.LoadUnsafe(ref from, position) ^ pad).StoreUnsafe(ref to, position);

    private static void XorTail(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<byte> pad)
    {
        for (var i = 0; i < Math.Min(source.Length, AesSchedule.BlockSize); i++)
        {
            destination[i] = (byte)(source[i] ^ pad[i]);
        }
    }

    private void TransformWithEcb(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        using var aes = _schedule.CreateAes();
        Span<byte> pad = stackalloc byte[4096];
        while (!source.IsEmpty)
        {
            var part = Math.Min(source.Length, pad.Length);
            var blocks = (part + AesSchedule.BlockSize - 1) / AesSchedule.BlockSize * AesSchedule.BlockSize;
            for (var i = 0; i < blocks; i += AesSchedule.BlockSize)
            {
                NextCounter().CopyTo(pad[i..]);
            }

            aes.EncryptEcb(pad[..blocks], pad[..blocks], PaddingMode.None);
            var vectors = part - (part % Vector<byte>.Count);
            for (var i = 0; i < vectors; i += Vector<byte>.Count)
            {
                (new Vector<byte>(source[i..]) ^ new Vector<byte>(pad[i..])).CopyTo(destination[i..]);
            }

            for (var i = vectors; i < part; i++)
            {
                destination[i] = (byte)(source[i] ^ pad[i]);
            }

            source = source[part..];
            destination = destination[part..];
        }
    }
}
