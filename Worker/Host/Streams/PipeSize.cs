using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Granary.Worker.Streams;

/// <summary>
/// Makes the pipe from a tool larger than Linux' default of 64 KiB, so that both sides switch less often.
/// </summary>
internal static partial class PipeSize
{
    private const int SetPipeSize = 1031;

    /// <summary>The size that is asked for, in bytes.</summary>
    public const int Wanted = 1 << 20;

    /// <summary>
    /// Tries to grow the pipe; a system that refuses (or is not Linux) keeps its default, which works as well.
    /// </summary>
    public static void Grow(Stream stream)
    {
        if (stream is PipeStream { SafePipeHandle: { } handle })
        {
            Grow(handle);
        }
    }

    /// <summary>As above, for a descriptor that may be a pipe.</summary>
    public static void Grow(SafeHandle handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            _ = Control((int)handle.DangerousGetHandle(), SetPipeSize, Wanted);
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int descriptor, int command, int argument);
}
