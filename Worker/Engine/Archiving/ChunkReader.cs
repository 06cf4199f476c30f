using System.Threading.Channels;
using Granary.Engine.Chunking;

namespace Granary.Engine.Archiving;

/// <summary>Reads a stream and cuts it into chunks, each in a buffer of its own.</summary>
internal sealed class ChunkReader(Chunker chunker, ChunkBuffers buffers, ChannelWriter<Chunk> chunks)
{
    // What is read past a cut is copied to the next buffer, so reads are short against a chunk.
    private const int ReadSize = 256 << 10;

    // A scan begins by reading 64 bytes anew in each of its lanes, which should not weigh.
    private const int ScanStep = 64 << 10;

    /// <summary>Reads to the end of the stream.</summary>
    /// <param name="stream">The source's bytes.</param>
    /// <param name="file">Where they belong.</param>
    /// <param name="chunkRead">Called after each chunk, with its length, in order.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task ReadAsync(Stream stream, SourceFile file, Action<int> chunkRead, CancellationToken cancellationToken)
    {
        var buffer = buffers.RentLargest();
        var (filled, examined) = (0, 0);
        try
        {
            while (true)
            {
                var room = Math.Min(ReadSize, Chunker.MaximumSize - filled);
                var read = await stream.ReadAsync(buffer.AsMemory(filled, room), cancellationToken);
                filled += read;
                if (read > 0 && filled - examined < ScanStep && filled < Chunker.MaximumSize)
                {
                    continue;
                }

                var end = chunker.FindEnd(buffer.AsSpan(0, filled), examined);
                examined = filled;
                if (end == 0 && read == 0)
                {
                    end = filled;
                }

                if (end > 0)
                {
                    var next = buffers.RentLargest();
                    buffer.AsSpan(end, filled - end).CopyTo(next);
                    (var full, buffer, filled, examined) = (buffer, next, filled - end, 0);
                    await SendAsync(file, full, end, cancellationToken);
                    chunkRead(end);
                }
                else if (read == 0)
                {
                    return;
                }
            }
        }
        finally
        {
            buffers.Return(buffer);
        }
    }

    private async ValueTask SendAsync(SourceFile file, byte[] buffer, int length, CancellationToken cancellationToken)
    {
        var isSent = false;
        try
        {
            file.Size += length;
            await chunks.WriteAsync(new Chunk(file, file.Content.Reserve(), buffer, length), cancellationToken);
            isSent = true;
        }
        finally
        {
            if (!isSent)
            {
                buffers.Return(buffer);
            }
        }
    }
}
