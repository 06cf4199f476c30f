using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Granary.Engine;

/// <summary>Gives physical memory back to the system while the addresses stay ours.</summary>
internal static unsafe partial class MemoryPages
{
    // Source: madvise(2). The pages read as zero afterwards, and come back when they are written.
    private const int DontNeed = 4;

    /// <summary>
    /// Forgets the whole pages within a piece of a pinned array. Their content is lost. Does nothing where the system
    /// has no such call.
    /// </summary>
    public static void Discard(Span<byte> piece)
    {
        if (!OperatingSystem.IsLinux() || piece.IsEmpty)
        {
            return;
        }

        var page = (nuint)Environment.SystemPageSize;
        var start = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(piece));
        var end = (start + (nuint)piece.Length) & ~(page - 1);
        start = (start + page - 1) & ~(page - 1);
        if (start < end)
        {
            // A refusal costs memory and nothing else.
            _ = Advise((void*)start, end - start, DontNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(void* address, nuint length, int advice);
}
