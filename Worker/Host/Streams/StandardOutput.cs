using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Granary.Worker.Streams;

/// <summary>The standard output, which tells when nobody reads it any more.</summary>
/// <remarks>
/// The runtime's own stream takes a closed pipe for a success: <c>dump | head</c> would fetch the whole file from the
/// store for nobody, and say that all went well.
/// </remarks>
internal sealed partial class StandardOutput : Stream
{
    // Source: errno(3).
    private const int BrokenPipe = 32;

    private static readonly Lazy<TextWriter> TextValue = new(() =>
        TextWriter.Synchronized(
            new StreamWriter(Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true }
        )
    );

    private readonly SafeFileHandle _handle = new(1, ownsHandle: false);

    private StandardOutput() { }

    /// <summary>For text.</summary>
    public static TextWriter Text => TextValue.Value;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>For bytes. Disposing leaves the standard output open.</summary>
    public static Stream Open() => OperatingSystem.IsLinux() ? new StandardOutput() : Console.OpenStandardOutput();

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    /// <exception cref="OutputClosedException">Nobody reads it any more.</exception>
    /// <exception cref="IOException">It cannot be written, as its device is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            buffer = buffer[WriteOnce(buffer)..];
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private unsafe int WriteOnce(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* source = buffer)
        {
            var count = WriteDescriptor(_handle, source, (nuint)buffer.Length);
            if (count >= 0)
            {
                return (int)count;
            }
        }

        switch (Marshal.GetLastPInvokeError())
        {
            case Descriptors.Interrupted:
                return 0;
            case Descriptors.TryAgain:
                // Whoever shares the output made it non-blocking; it takes more when it is ready.
                Descriptors.WaitToWrite(_handle, milliseconds: -1);
                return 0;
            case BrokenPipe:
                throw new OutputClosedException();
            case var error:
                throw new IOException(
                    $"The standard output cannot be written: {Marshal.GetPInvokeErrorMessage(error)}"
                );
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint WriteDescriptor(SafeHandle handle, byte* source, nuint length);
}

/// <summary>
/// Whoever read the standard output has gone, as <c>head</c> does when it has enough. There is nobody to tell and
/// nothing to mend.
/// </summary>
internal sealed class OutputClosedException() : IOException("Nobody reads the standard output any more");
