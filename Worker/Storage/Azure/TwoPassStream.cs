namespace Granary.Storage.Azure;

/// <summary>
/// Content that the SDK reads twice, for its digest and to send it; only the second time is the sending.
/// </summary>
/// <remarks>
/// Both are asynchronous reads to the SDK. Given to a stream that a limit on uploads slows down, each byte would be
/// paid for twice, and half of the limit would be reached. So the first pass reads synchronously, as the computing of
/// digests does elsewhere. Does not dispose of the content.
/// </remarks>
internal sealed class TwoPassStream(Stream content) : Stream
{
    private long _digested;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => content.Position;
        set => content.Position = value;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var seen = _digested - content.Position;
        if (seen > 0)
        {
            return content.ReadAsync(buffer[..(int)Math.Min(buffer.Length, seen)], cancellationToken);
        }

        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = content.Read(buffer);
        _digested = Math.Max(_digested, content.Position);
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => content.Seek(offset, origin);

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
