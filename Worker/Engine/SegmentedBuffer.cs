namespace Granary.Engine;

/// <summary>A growing run of bytes in pooled segments: packs and large tree blobs are assembled in it.</summary>
/// <remarks>Not safe for concurrent use. Disposing returns the segments.</remarks>
internal sealed class SegmentedBuffer(BufferPool segments) : IDisposable
{
    private readonly List<byte[]> _segments = [];

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var free = Free();
            var part = Math.Min(free.Length, bytes.Length);
            bytes[..part].CopyTo(free.Span);
            Length += part;
            bytes = bytes[part..];
        }
    }

    /// <summary>
    /// The unused rest of the last segment; never empty. Say with <see cref="Advance"/> how much of it was filled.
    /// </summary>
    public Memory<byte> Free()
    {
        var used = (int)(Length % segments.BufferSize);
        if (Length == (long)_segments.Count * segments.BufferSize)
        {
            _segments.Add(segments.Rent());
            used = 0;
        }

        return _segments[^1].AsMemory(used);
    }

    public void Advance(int count) => Length += count;

    /// <summary>The bytes from <paramref name="position"/> to the end of their segment; empty at the end.</summary>
    public Memory<byte> From(long position)
    {
        if (position >= Length)
        {
            return Memory<byte>.Empty;
        }

        var segment = (int)(position / segments.BufferSize);
        var offset = (int)(position % segments.BufferSize);
        return _segments[segment].AsMemory(offset, (int)Math.Min(segments.BufferSize - offset, Length - position));
    }

    /// <summary>A seekable view of all bytes. The buffer must outlive it.</summary>
    public Stream AsStream() => new View(this);

    /// <summary>A stream that appends. The buffer must outlive it.</summary>
    public Stream AsWriter() => new Appender(this);

    public void Dispose()
    {
        foreach (var segment in _segments)
        {
            segments.Return(segment);
        }

        _segments.Clear();
        Length = 0;
    }

    private sealed class View(SegmentedBuffer buffer) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => buffer.Length;

        public override long Position { get; set; }

        public override int Read(Span<byte> destination)
        {
            var part = buffer.From(Position).Span;
            var count = Math.Min(part.Length, destination.Length);
            part[..count].CopyTo(destination);
            Position += count;
            return count;
        }

        public override int Read(byte[] destination, int offset, int count) => Read(destination.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(
            Memory<byte> destination,
            CancellationToken cancellationToken = default
        ) => new(Read(destination.Span));

        public override Task<int> ReadAsync(
            byte[] destination,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => Task.FromResult(Read(destination.AsSpan(offset, count)));

        public override long Seek(long offset, SeekOrigin origin) =>
            Position = origin switch
            {
                SeekOrigin.Begin => offset,
                SeekOrigin.Current => Position + offset,
                SeekOrigin.End => Length + offset,
                _ => throw new ArgumentOutOfRangeException(nameof(origin)),
            };

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] source, int offset, int count) => throw new NotSupportedException();
    }

    private sealed class Appender(SegmentedBuffer buffer) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => buffer.Length;

        public override long Position
        {
            get => buffer.Length;
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> source) => buffer.Append(source);

        public override void Write(byte[] source, int offset, int count) => buffer.Append(source.AsSpan(offset, count));

        public override void Flush() { }

        public override int Read(byte[] destination, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
