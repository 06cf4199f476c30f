using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Granary.Engine.Chunking;

/// <summary>Where <see cref="WideCutSearch"/> is to be had in this process.</summary>
/// <remarks>
/// On the runtime it is compiled for the processor it runs on. The native program is compiled for every x86-64
/// processor and cannot contain it. So the search ships as a library beside it (Worker/Wide), which is compiled for the
/// processors that it needs and loaded on no others.
/// </remarks>
internal static unsafe class WideLibrary
{
    private const string Library = "libgranary-wide.so";

    // The features of x86-64-v4 except LZCNT, for which all of the library is compiled, and the others that it needs.
    // The names are Linux's.
    private static readonly string[] Features =
    [
        "avx512f",
        "avx512bw",
        "avx512cd",
        "avx512dq",
        "avx512vl",
        "avx512vbmi",
        "gfni",
        "vpclmulqdq",
        "avx2",
        "bmi1",
        "bmi2",
        "fma",
        "f16c",
        "movbe",
    ];

    /// <summary>Whether this processor and this build have the search.</summary>
    public static bool IsAvailable => FindCut != null;

    /// <summary>The search, as <see cref="WideCutSearch.FindCut"/>; null where there is none.</summary>
    public static delegate* unmanaged[Cdecl]<byte*, int, int, ulong*, ulong*, int*, int> FindCut { get; } = Locate();

    private static delegate* unmanaged[Cdecl]<byte*, int, int, ulong*, ulong*, int*, int> Locate()
    {
        if (WideCutSearch.IsSupported)
        {
            return &WideCutSearch.FindCut;
        }

        return
            HasFeatures("/proc/cpuinfo")
            && HasLeadingZeroCount
            && NativeLibrary.TryLoad(Path.Combine(AppContext.BaseDirectory, Library), out var library)
            && NativeLibrary.TryGetExport(library, "granary_find_cut", out var find)
            ? (delegate* unmanaged[Cdecl]<byte*, int, int, ulong*, ulong*, int*, int>)find
            : null;
    }

    // Some kernels do not list it ("abm") on processors that have it. It needs nothing of the kernel, so the
    // processor's word is enough: bit 5 of ECX in CPUID's leaf 8000_0001h, by AMD's and Intel's manuals.
    private static bool HasLeadingZeroCount =>
        X86Base.IsSupported && (X86Base.CpuId(unchecked((int)0x80000001), 0).Ecx & (1 << 5)) != 0;

    /// <summary>
    /// Whether Linux lists all features that the library needs. It lists only those that it lets programs use.
    /// </summary>
    internal static bool HasFeatures(string file)
    {
        try
        {
            var flags = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))
                ?? "";
            return !Features.Except(flags.Split(' ')).Any();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
