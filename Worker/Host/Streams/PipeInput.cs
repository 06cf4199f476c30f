using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Granary.Worker.Streams;

/// <summary>Reads a pipe in large pieces on the caller's thread, and stops when it is told to.</summary>
/// <remarks>
/// The runtime's own stream changes threads for every few kilobytes that a dump program writes, and a read that is
/// under way cannot be cancelled. This one sleeps in <c>poll(2)</c>. When it is faster than the writer, it lets the
/// pipe fill for a moment: waking up for every write would cost both sides more than the work itself.
/// </remarks>
internal sealed partial class PipeInput : Stream
{
    // Source: open(2).
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    private const int LookForCancellation = 100;
    private const int Filling = 1;
    private const int Worthwhile = 128 << 10;

    private readonly IDisposable? _owner;
    private readonly SafeHandle _handle;

    private PipeInput(SafeHandle handle, IDisposable? owner)
    {
        _handle = handle;
        _owner = owner;
        PipeSize.Grow(handle);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>What the process is given; a file works as well.</summary>
    public static Stream StandardInput() =>
        OperatingSystem.IsLinux()
            ? new PipeInput(new SafeFileHandle(0, ownsHandle: false), owner: null)
            : Console.OpenStandardInput();

    /// <summary>
    /// A file or a named pipe. A pipe that nobody writes to yet is waited for when it is read, where the wait can be
    /// cancelled.
    /// </summary>
    /// <exception cref="IOException">It cannot be opened, or is a directory.</exception>
    public static Stream OpenFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"{path} is a directory");
        }

        if (!OperatingSystem.IsLinux())
        {
            return File.OpenRead(path);
        }

        var handle = OpenDescriptor(path, NonBlocking | CloseOnExec);
        if (handle.IsInvalid)
        {
            throw new IOException(
                $"{path} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}"
            );
        }

        return new PipeInput(handle, owner: handle);
    }

    /// <summary>
    /// Another process' output. Disposing closes it. Anything but a pipe of Linux is returned as it is.
    /// </summary>
    public static Stream Of(Stream output) =>
        OperatingSystem.IsLinux() && output is PipeStream { SafePipeHandle: { } handle }
            ? new PipeInput(handle, output)
            : output;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Read(buffer.Span, cancellationToken));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count), cancellationToken));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => Read(buffer, CancellationToken.None);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _owner?.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Read(Span<byte> buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            while (!Descriptors.WaitToRead(_handle, filled == 0 ? LookForCancellation : 0))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (filled > 0)
                {
                    return filled;
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            var count = ReadOnce(buffer[filled..]);
            filled += count;
            if (count == 0 || filled >= Math.Min(Worthwhile, buffer.Length))
            {
                break;
            }

            cancellationToken.WaitHandle.WaitOne(Filling);
        }

        return filled;
    }

    private unsafe int ReadOnce(Span<byte> buffer)
    {
        fixed (byte* target = buffer)
        {
            var count = ReadDescriptor(_handle, target, (nuint)buffer.Length);
            return count >= 0
                ? (int)count
                : Marshal.GetLastPInvokeError() switch
                {
                    Descriptors.Interrupted or Descriptors.TryAgain => ReadOnce(buffer),
                    var error => throw new IOException(
                        $"a pipe cannot be read: {Marshal.GetPInvokeErrorMessage(error)}"
                    ),
                };
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint ReadDescriptor(SafeHandle handle, byte* target, nuint length);
}
