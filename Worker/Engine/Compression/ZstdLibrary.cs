using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Granary.Engine.Compression;

/// <summary>
/// The native libzstd, which needs no warming up. Where it cannot be loaded, the managed port stands in.
/// </summary>
internal static unsafe partial class ZstdLibrary
{
    /// <summary><c>ZSTD_reset_session_only</c>: forgets a frame that was begun.</summary>
    public const int ResetSession = 1;

    private const string Library = "libzstd";

    /// <summary>Whether the native library is there for this platform.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, typeof(ZstdLibrary).Assembly, null, out _);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial CompressorHandle CreateCompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial nuint FreeCompressor(nint compressor);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial nuint SetParameter(CompressorHandle compressor, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setPledgedSrcSize")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial nuint SetPledgedSize(CompressorHandle compressor, ulong length);

    [LibraryImport(Library, EntryPoint = "ZSTD_compress2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial nuint Compress(
        CompressorHandle compressor,
        byte* destination,
        nuint capacity,
        byte* source,
        nuint length
    );

    [LibraryImport(Library, EntryPoint = "ZSTD_compressStream2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial nuint CompressStream(CompressorHandle compressor, Piece* output, Piece* input, int directive);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial DecompressorHandle CreateDecompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial nuint FreeDecompressor(nint decompressor);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial nuint Decompress(
        DecompressorHandle decompressor,
        byte* destination,
        nuint capacity,
        byte* source,
        nuint length
    );

    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_reset")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial nuint Reset(DecompressorHandle decompressor, int directive);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static partial nuint DecompressStream(DecompressorHandle decompressor, Piece* output, Piece* input);

    /// <summary><c>ZSTD_inBuffer</c> and <c>ZSTD_outBuffer</c>, which are laid out alike.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Piece
    {
        public byte* Start;
        public nuint Length;
        public nuint Position;
    }

    /// <summary>A <c>ZSTD_CCtx</c>.</summary>
    public sealed class CompressorHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => FreeCompressor(handle) == 0;
    }

    /// <summary>A <c>ZSTD_DCtx</c>.</summary>
    public sealed class DecompressorHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => FreeDecompressor(handle) == 0;
    }
}
