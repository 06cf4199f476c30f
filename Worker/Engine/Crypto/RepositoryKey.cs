namespace Granary.Engine.Crypto;

/// <summary>
/// The 64 bytes that seal a repository: AES-256 key, AES-128 key of the MAC, and Poly1305's <c>r</c>.
/// </summary>
/// <remarks>Source: repository format §3. Prints redacted.</remarks>
internal sealed class RepositoryKey
{
    public const int Size = 64;

    private readonly byte[] _bytes;

    /// <exception cref="ArgumentException">
    /// Not 64 bytes, or a part is all zero, which the format calls an invalid key.
    /// </exception>
    public RepositoryKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size || !IsValid(bytes))
        {
            throw new ArgumentException("A key has 64 bytes, and none of its three parts is all zero.", nameof(bytes));
        }

        _bytes = bytes.ToArray();
    }

    public ReadOnlySpan<byte> Encryption => _bytes.AsSpan(0, 32);

    public ReadOnlySpan<byte> MacK => _bytes.AsSpan(32, 16);

    /// <summary>Stored unclamped; Poly1305 clamps it.</summary>
    public ReadOnlySpan<byte> MacR => _bytes.AsSpan(48, 16);

    public static bool IsValid(ReadOnlySpan<byte> bytes) =>
        bytes[..32].ContainsAnyExcept((byte)0)
        && bytes[32..48].ContainsAnyExcept((byte)0)
        && bytes[48..64].ContainsAnyExcept((byte)0);

    public static RepositoryKey Random()
    {
        Span<byte> bytes = stackalloc byte[Size];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        return new RepositoryKey(bytes);
    }

    public override string ToString() => "(redacted)";
}
