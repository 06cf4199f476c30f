namespace Granary.Engine.Compression;

/// <summary>
/// Compresses the bytes that are written into another stream, with the native library. Disposing ends the frame and
/// leaves the other stream open.
/// </summary>
internal sealed unsafe class ZstdWriter : Stream
{
    // Source: zstd.h, ZSTD_cParameter and ZSTD_EndDirective.
    private const int CompressionLevel = 100;
    private const int ContentSizeFlag = 200;
    private const int ChecksumFlag = 201;
    private const int Continue = 0;
    private const int End = 2;

    private readonly Stream _destination;
    private readonly byte[] _output = new byte[64 << 10];
    private readonly ZstdLibrary.CompressorHandle _compressor;

    public ZstdWriter(Stream destination, int level, long plaintextLength)
    {
        _destination = destination;
        _compressor = CreateCompressor(level);
        Check(ZstdLibrary.SetPledgedSize(_compressor, (ulong)plaintextLength));
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// A native compressor of frames with a content size and without a checksum; to be disposed of by its owner.
    /// </summary>
    public static ZstdLibrary.CompressorHandle CreateCompressor(int level)
    {
        var compressor = ZstdLibrary.CreateCompressor();
        if (compressor.IsInvalid)
        {
            throw new InvalidOperationException("zstd got no memory for a compressor");
        }

        Check(ZstdLibrary.SetParameter(compressor, CompressionLevel, level));
        Check(ZstdLibrary.SetParameter(compressor, ContentSizeFlag, 1));
        Check(ZstdLibrary.SetParameter(compressor, ChecksumFlag, 0));
        return compressor;
    }

    public override void Write(ReadOnlySpan<byte> source)
    {
        fixed (byte* start = source)
        {
            var input = new ZstdLibrary.Piece { Start = start, Length = (nuint)source.Length };
            while (input.Position < input.Length)
            {
                Step(&input, Continue);
            }
        }
    }

    public override void Write(byte[] source, int offset, int count) => Write(source.AsSpan(offset, count));

    public override void Flush() { }

    public override int Read(byte[] destination, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_compressor.IsClosed)
        {
            try
            {
                var nothing = default(ZstdLibrary.Piece);
                while (Step(&nothing, End) > 0) { }
            }
            finally
            {
                _compressor.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>Compresses some, and returns how many bytes are still to come.</summary>
    private nuint Step(ZstdLibrary.Piece* input, int directive)
    {
        fixed (byte* start = _output)
        {
            var output = new ZstdLibrary.Piece { Start = start, Length = (nuint)_output.Length };
            var left = Check(ZstdLibrary.CompressStream(_compressor, &output, input, directive));
            _destination.Write(_output.AsSpan(0, (int)output.Position));
            return left;
        }
    }

    private static nuint Check(nuint code) =>
        ZstdLibrary.IsError(code) == 0
            ? code
            : throw new InvalidOperationException($"zstd failed with error {-(long)code}");
}
