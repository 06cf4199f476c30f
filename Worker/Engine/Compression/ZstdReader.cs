namespace Granary.Engine.Compression;

/// <summary>Decompresses another stream with the native library, and owns that stream.</summary>
internal sealed unsafe class ZstdReader(Stream compressed) : ReadingStream
{
    private readonly byte[] _input = new byte[64 << 10];
    private readonly ZstdLibrary.DecompressorHandle _decompressor = CreateDecompressor();
    private int _start;
    private int _end;
    private bool _isAtFrameEnd = true;

    /// <summary>A native decompressor; to be disposed of by its owner.</summary>
    public static ZstdLibrary.DecompressorHandle CreateDecompressor() =>
        ZstdLibrary.CreateDecompressor() is { IsInvalid: false } created
            ? created
            : throw new InvalidOperationException("zstd got no memory for a decompressor");

    /// <summary>Reads plaintext.</summary>
    /// <exception cref="InvalidDataException">This is not zstd, or it is damaged.</exception>
    /// <exception cref="EndOfStreamException">The last frame is not complete.</exception>
    public override int Read(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, compressed.Read(_input));
            }

            // Even without new input there may be plaintext inside the decompressor.
            var isOver = _end == 0;
            var written = Step(destination);
            if (written > 0)
            {
                return written;
            }

            if (isOver)
            {
                return _isAtFrameEnd ? 0 : throw new EndOfStreamException("a zstd frame is not complete");
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decompressor.Dispose();
            compressed.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Step(Span<byte> destination)
    {
        fixed (
            byte* source = _input,
                target = destination
        )
        {
            var input = new ZstdLibrary.Piece
            {
                Start = source,
                Length = (nuint)_end,
                Position = (nuint)_start,
            };
            var output = new ZstdLibrary.Piece { Start = target, Length = (nuint)destination.Length };
            var left = ZstdLibrary.DecompressStream(_decompressor, &output, &input);
            if (ZstdLibrary.IsError(left) != 0)
            {
                throw new InvalidDataException($"zstd found damage (error {-(long)left})");
            }

            // Without any progress at the end of a frame, the library asks for the header of the next one.
            var moved = input.Position > (nuint)_start || output.Position > 0;
            _isAtFrameEnd = left == 0 || (!moved && _isAtFrameEnd);
            _start = (int)input.Position;
            return (int)output.Position;
        }
    }
}
