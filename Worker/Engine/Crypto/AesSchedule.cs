using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Aes = System.Security.Cryptography.Aes;
using X86Aes = System.Runtime.Intrinsics.X86.Aes;

namespace Granary.Engine.Crypto;

/// <summary>An AES-256 key, expanded once for the processor's AES instructions.</summary>
internal sealed class AesSchedule
{
    public const int BlockSize = 16;
    public const int Rounds = 14;

    private readonly byte[] _key;
    private readonly Vector128<byte>[] _roundKeys = new Vector128<byte>[Rounds + 1];

    public AesSchedule(ReadOnlySpan<byte> key)
    {
        _key = key.ToArray();
        if (X86Aes.IsSupported)
        {
            Expand();
        }
    }

    /// <summary>Fifteen round keys; meaningful only where the processor has AES instructions.</summary>
    public ReadOnlySpan<Vector128<byte>> RoundKeys => _roundKeys;

    /// <summary>The platform's own cipher under the same key.</summary>
    public Aes CreateAes()
    {
        var aes = Aes.Create();
        aes.Key = _key;
        return aes;
    }

    public Vector128<byte> EncryptBlock(Vector128<byte> block)
    {
        block ^= _roundKeys[0];
        for (var round = 1; round < Rounds; round++)
        {
            block = X86Aes.Encrypt(block, _roundKeys[round]);
        }

        return X86Aes.EncryptLast(block, _roundKeys[Rounds]);
    }

    // FIPS 197, 5.2: every second round key mixes in a round constant; the ones between only substitute.
    private void Expand()
    {
        var even = Vector128.Create<byte>(_key.AsSpan(0, 16));
        var odd = Vector128.Create<byte>(_key.AsSpan(16, 16));
        _roundKeys[0] = even;
        _roundKeys[1] = odd;
        for (var i = 2; i <= Rounds; i += 2)
        {
            even = Mix(even) ^ Sse2.Shuffle(WithRoundConstant(odd, i / 2).AsInt32(), 0xff).AsByte();
            _roundKeys[i] = even;
            if (i == Rounds)
            {
                break;
            }

            odd = Mix(odd) ^ Sse2.Shuffle(X86Aes.KeygenAssist(even, 0).AsInt32(), 0xaa).AsByte();
            _roundKeys[i + 1] = odd;
        }
    }

    // The instruction takes its constant only as a literal.
    private static Vector128<byte> WithRoundConstant(Vector128<byte> key, int round) =>
        round switch
        {
            1 => X86Aes.KeygenAssist(key, 0x01),
            2 => X86Aes.KeygenAssist(key, 0x02),
            3 => X86Aes.KeygenAssist(key, 0x04),
            4 => X86Aes.KeygenAssist(key, 0x08),
            5 => X86Aes.KeygenAssist(key, 0x10),
            6 => X86Aes.KeygenAssist(key, 0x20),
            7 => X86Aes.KeygenAssist(key, 0x40),
            _ => throw new ArgumentOutOfRangeException(nameof(round)),
        };

    // Each 32-bit word becomes the XOR of itself and all words before it.
    private static Vector128<byte> Mix(Vector128<byte> key)
    {
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        return key ^ Sse2.ShiftLeftLogical128BitLane(key, 8);
    }
}
