using System.Security.Cryptography;
using Granary.Engine.Ids;

namespace Granary.Engine;

/// <summary>A stream that can only be read, once, from start to end.</summary>
internal abstract class ReadingStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override int Read(Span<byte> destination);

    public override int Read(byte[] destination, int offset, int count) => Read(destination.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] source, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Hashes and counts the bytes that are read through it.</summary>
internal sealed class HashingReader(Stream source) : ReadingStream
{
    private readonly IncrementalHash _sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Count { get; private set; }

    public override int Read(Span<byte> destination)
    {
        var count = source.Read(destination);
        _sha.AppendData(destination[..count]);
        Count += count;
        return count;
    }

    /// <summary>Reads the rest, and hashes everything.</summary>
    public Ids.Sha256Id ToEnd()
    {
        Span<byte> rest = stackalloc byte[4096];
        while (Read(rest) > 0)
        {
            // Only its hash matters.
        }

        Span<byte> hash = stackalloc byte[Ids.Sha256Id.Size];
        _sha.GetHashAndReset(hash);
        return new Ids.Sha256Id(hash);
    }

    protected override void Dispose(bool disposing)
    {
        _sha.Dispose();
        source.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Hashes and counts the bytes that are written to it, and keeps nothing.</summary>
internal sealed class HashingWriter : Stream
{
    private readonly IncrementalHash _sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _count;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _count;

    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException();
    }

    public Ids.Sha256Id Hash()
    {
        Span<byte> hash = stackalloc byte[Ids.Sha256Id.Size];
        _sha.GetHashAndReset(hash);
        return new Ids.Sha256Id(hash);
    }

    public override void Write(ReadOnlySpan<byte> source)
    {
        _sha.AppendData(source);
        _count += source.Length;
    }

    public override void Write(byte[] source, int offset, int count) => Write(source.AsSpan(offset, count));

    public override void Flush() { }

    public override int Read(byte[] destination, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _sha.Dispose();
        base.Dispose(disposing);
    }
}
