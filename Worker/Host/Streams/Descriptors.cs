using System.Runtime.InteropServices;

namespace Granary.Worker.Streams;

/// <summary>Waits for an open file, pipe or terminal. Linux alone.</summary>
internal static partial class Descriptors
{
    /// <summary>A call was interrupted by a signal. Source: errno(3).</summary>
    public const int Interrupted = 4;

    /// <summary>A call would have to wait, and may not. Source: errno(3).</summary>
    public const int TryAgain = 11;

    // Source: poll(2).
    private const short Readable = 1;
    private const short Writable = 4;

    /// <summary>Waits until there is something to read; the end and errors count as something.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="milliseconds">How long at most; −1 for ever.</param>
    /// <returns>False when the time is up, and when a signal came.</returns>
    public static bool WaitToRead(SafeHandle handle, int milliseconds) => Wait(handle, Readable, milliseconds);

    /// <summary>Waits until something can be written; errors count as that.</summary>
    /// <inheritdoc cref="WaitToRead"/>
    public static bool WaitToWrite(SafeHandle handle, int milliseconds) => Wait(handle, Writable, milliseconds);

    private static bool Wait(SafeHandle handle, short events, int milliseconds)
    {
        var added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            var question = new Poll { Descriptor = (int)handle.DangerousGetHandle(), Events = events };
            return PollOne(ref question, 1, milliseconds) > 0;
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int PollOne(ref Poll question, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int Descriptor;
        public short Events;
        public short Answered;
    }
}
