using System.Security.Cryptography;

namespace Granary.Engine.Crypto;

/// <summary>
/// Encrypts, then authenticates: IV (16) || AES-256-CTR || MAC (16), 32 bytes longer than the plaintext.
/// </summary>
/// <remarks>
/// Source: repository format §3. The MAC is Poly1305-AES over the ciphertext only. Safe for concurrent use.
/// </remarks>
internal sealed class Sealer
{
    public const int IvSize = 16;
    public const int MacSize = 16;
    public const int Overhead = IvSize + MacSize;

    private readonly AesSchedule _encryption;
    private readonly byte[] _macK;
    private readonly byte[] _macR;

    public Sealer(RepositoryKey key)
    {
        _encryption = new AesSchedule(key.Encryption);
        _macK = key.MacK.ToArray();
        _macR = key.MacR.ToArray();
    }

    /// <summary>Fills an IV from the system's random source; never all zero, which readers refuse.</summary>
    public static void NewIv(Span<byte> iv)
    {
        do
        {
            RandomNumberGenerator.Fill(iv);
        } while (!iv.ContainsAnyExcept((byte)0));
    }

    public AesCtr KeyStream(ReadOnlySpan<byte> iv) => new(_encryption, iv);

    /// <summary>The MAC's one-time key: <c>r || AES-128_k(IV)</c>.</summary>
    public void MacKey(ReadOnlySpan<byte> iv, Span<byte> key)
    {
        using var aes = Aes.Create();
        aes.Key = _macK;
        _macR.CopyTo(key);
        aes.EncryptEcb(iv, key[16..32], PaddingMode.None);
    }

    /// <summary>Seals into a new array under a fresh IV.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plaintext)
    {
        var @sealed = new byte[plaintext.Length + Overhead];
        plaintext.CopyTo(@sealed.AsSpan(IvSize));
        SealInPlace(@sealed);
        return @sealed;
    }

    /// <summary>
    /// Seals a plaintext that lies at offset 16 of the buffer, under a fresh IV; the buffer is 32 bytes longer than it.
    /// </summary>
    public void SealInPlace(Span<byte> buffer)
    {
        NewIv(buffer[..IvSize]);
        SealInPlaceWithIv(buffer);
    }

    /// <summary>
    /// As <see cref="SealInPlace"/>, with the IV already in the first 16 bytes. For tests with fixed IVs, and for
    /// nothing else.
    /// </summary>
    internal void SealInPlaceWithIv(Span<byte> buffer)
    {
        var iv = buffer[..IvSize];
        var text = buffer[IvSize..^MacSize];
        KeyStream(iv).Transform(text, text);
        Span<byte> macKey = stackalloc byte[Poly1305.KeySize];
        MacKey(iv, macKey);
        Poly1305.Compute(macKey, text, buffer[^MacSize..]);
    }

    /// <summary>
    /// Whether the bytes are long enough, have a valid IV, and carry the right MAC. Compared in constant time.
    /// </summary>
    public bool IsAuthentic(ReadOnlySpan<byte> @sealed)
    {
        if (@sealed.Length < Overhead || !@sealed[..IvSize].ContainsAnyExcept((byte)0))
        {
            return false;
        }

        Span<byte> macKey = stackalloc byte[Poly1305.KeySize];
        Span<byte> mac = stackalloc byte[MacSize];
        MacKey(@sealed[..IvSize], macKey);
        Poly1305.Compute(macKey, @sealed[IvSize..^MacSize], mac);
        return CryptographicOperations.FixedTimeEquals(mac, @sealed[^MacSize..]);
    }

    /// <summary>The content of an authentic seal, without room for all of it.</summary>
    public OpenedPieces Opening(ReadOnlySpan<byte> @sealed) =>
        new(KeyStream(@sealed[..IvSize]), @sealed[IvSize..^MacSize]);

    /// <summary>
    /// Opens into <paramref name="plaintext"/>, which may be the ciphertext's own place. False if the seal is broken.
    /// </summary>
    public bool TryOpen(ReadOnlySpan<byte> @sealed, Span<byte> plaintext)
    {
        if (!IsAuthentic(@sealed))
        {
            return false;
        }

        KeyStream(@sealed[..IvSize]).Transform(@sealed[IvSize..^MacSize], plaintext);
        return true;
    }

    /// <summary>Opens into a new array, or returns null if the seal is broken.</summary>
    public byte[]? Open(ReadOnlySpan<byte> @sealed)
    {
        var plaintext = new byte[Math.Max(0, @sealed.Length - Overhead)];
        return TryOpen(@sealed, plaintext) ? plaintext : null;
    }
}
