using System.Runtime.InteropServices;

namespace Granary.Engine.Crypto;

/// <summary>
/// The two primitives that libsodium does faster than anything managed. Where it cannot be loaded, BouncyCastle stands
/// in.
/// </summary>
internal static unsafe partial class Sodium
{
    private const string Library = "libsodium";

    /// <summary>Whether the native library is there for this platform.</summary>
    public static bool IsAvailable { get; } =
        NativeLibrary.TryLoad(Library, typeof(Sodium).Assembly, null, out _) && Initialize() >= 0;

    /// <summary>Size of the streaming state; it must be aligned to 16 bytes.</summary>
    public const int Poly1305StateSize = 256;

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int Initialize();

    [LibraryImport(Library, EntryPoint = "crypto_onetimeauth_poly1305")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial int Poly1305(byte* mac, byte* message, ulong length, byte* key);

    [LibraryImport(Library, EntryPoint = "crypto_onetimeauth_poly1305_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial int Poly1305Init(byte* state, byte* key);

    [LibraryImport(Library, EntryPoint = "crypto_onetimeauth_poly1305_update")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial int Poly1305Update(byte* state, byte* message, ulong length);

    [LibraryImport(Library, EntryPoint = "crypto_onetimeauth_poly1305_final")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial int Poly1305Final(byte* state, byte* mac);

    [LibraryImport(Library, EntryPoint = "crypto_pwhash_scryptsalsa208sha256_ll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial int Scrypt(
        byte* password,
        nuint passwordLength,
        byte* salt,
        nuint saltLength,
        ulong n,
        uint r,
        uint p,
        byte* output,
        nuint outputLength
    );
}
