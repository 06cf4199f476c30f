using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;

namespace Granary.Engine.Crypto;

/// <summary>scrypt: from a password to the 64 bytes of a key. Source: repository format §5.2.</summary>
internal static class Scrypt
{
    /// <summary>Whether the cost is one that the format allows.</summary>
    public static bool IsValid(int n, int r, int p) =>
        n > 1 && BitOperations.IsPow2(n) && r >= 1 && p >= 1 && (long)r * p < 1 << 30;

    /// <summary>
    /// The most memory that a stored key may ask for: 256 MiB, eight times as much as restic's keys take.
    /// </summary>
    /// <remarks>The default of rustic, N = 131072 and r = 8, takes half of it.</remarks>
    public const long MostMemoryBytes = 256L << 20;

    /// <summary>The most work that a stored key may ask for, as N·r·p: 32 times that of the default cost.</summary>
    public const long MostWork = 1L << 25;

    /// <summary>
    /// Whether a cost stays under the ceilings. Anyone who can write to a store can leave a key file there; it must not
    /// take gigabytes, nor hours, from a program that only tries its password on it.
    /// </summary>
    public static bool IsAffordable(int n, int r, int p) =>
        MemoryBytes(n, r, p) <= MostMemoryBytes && Work(n, r, p) <= MostWork;

    /// <summary>Bytes of memory: N blocks to mix with, and p blocks of input, of 128·r each.</summary>
    public static Int128 MemoryBytes(int n, int r, int p) => (Int128)128 * r * ((long)n + p);

    private static Int128 Work(int n, int r, int p) => (Int128)n * r * p;

    /// <summary>Derives a key. The password is taken as it is: no trimming, no Unicode normalisation.</summary>
    public static RepositoryKey Derive(
        string password,
        ReadOnlySpan<byte> salt,
        int n,
        int r,
        int p,
        bool managed = false
    )
    {
        var utf8 = Encoding.UTF8.GetBytes(password);
        var derived =
            managed || !Sodium.IsAvailable
                ? SCrypt.Generate(utf8, salt.ToArray(), n, r, p, RepositoryKey.Size)
                : Native(utf8, salt, n, r, p);
        try
        {
            return new RepositoryKey(derived);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(utf8);
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    private static unsafe byte[] Native(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int n, int r, int p)
    {
        var output = new byte[RepositoryKey.Size];
        fixed (
            byte* pinnedPassword = password,
                pinnedSalt = salt,
                pinnedOutput = output
        )
        {
            var status = Sodium.Scrypt(
                pinnedPassword,
                (nuint)password.Length,
                pinnedSalt,
                (nuint)salt.Length,
                (ulong)n,
                (uint)r,
                (uint)p,
                pinnedOutput,
                RepositoryKey.Size
            );
            return status == 0
                ? output
                : throw new UnsupportedFormatException(
                    $"scrypt with N={n}, r={r} needs {128L * n * r >> 20} MiB of memory, which it did not get"
                );
        }
    }
}
