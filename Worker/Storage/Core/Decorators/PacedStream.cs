namespace Granary.Storage.Decorators;

/// <summary>A seekable stream whose asynchronous reads are paced.</summary>
/// <remarks>
/// Synchronous reads are not paced: clients send asynchronously, and use synchronous passes to compute digests
/// beforehand. Does not dispose the stream it reads.
/// </remarks>
internal sealed class PacedStream(Stream inner, BytePacer pacer) : Stream
{
    // Small steps, so that a slow limit still shows progress to a watch for stalls.
    private const int LargestStepBytes = 16 * 1024;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var step = buffer.Length > LargestStepBytes ? buffer[..LargestStepBytes] : buffer;
        var read = await inner.ReadAsync(step, cancellationToken);
        await pacer.WaitAsync(read, cancellationToken);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
