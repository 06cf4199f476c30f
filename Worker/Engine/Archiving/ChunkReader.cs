using System.Threading.Channels;
using Granary.Engine.Chunking;

namespace Granary.Engine.Archiving;

/// <summary>Reads a stream and cuts it into chunks.</summary>
internal sealed class ChunkReader(Chunker chunker, ByteRing ring, ChannelWriter<Chunk> chunks)
{
    /// <summary>How much memory its ring has at least, bytes: room for one and a half of the longest chunks.</summary>
    public const int LeastRingBytes = Chunker.MaximumSize * 3 / 2;

    // Bytes are scanned right after they are read, while the processor's cache still has them.
    private const int ReadSize = 256 << 10;

    // A scan begins by reading 64 bytes anew in each of its lanes, which should not weigh.
    private const int ScanBytes = 64 << 10;

    /// <summary>Reads to the end of the stream.</summary>
    /// <param name="stream">The source's bytes.</param>
    /// <param name="file">Where they belong.</param>
    /// <param name="chunkRead">Called after each chunk, with its length, in order.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task ReadAsync(
        Stream stream,
        SourceFile file,
        Action<int> chunkRead,
        CancellationToken cancellationToken
    )
    {
        var examined = 0;
        while (true)
        {
            var room = await ring.RoomAsync(least: 1, cancellationToken);
            var wanted = Math.Min(room.Length, Math.Min(ReadSize, Chunker.MaximumSize - ring.Open.Length));
            var read = await stream.ReadAsync(room[..wanted], cancellationToken);
            ring.Advance(read);
            var filled = ring.Open.Length;
            if (read > 0 && filled - examined < ScanBytes && filled < Chunker.MaximumSize)
            {
                continue;
            }

            var end = chunker.FindEnd(ring.Open, examined);
            examined = filled;
            if (end == 0 && read == 0)
            {
                end = filled;
            }

            if (end > 0)
            {
                examined = 0;
                file.Size += end;
                await chunks.WriteAsync(new Chunk(file, file.Content.Reserve(), ring.Cut(end)), cancellationToken);
                chunkRead(end);
            }
            else if (read == 0)
            {
                return;
            }
        }
    }

    /// <summary>Says that no stream follows.</summary>
    public void Complete() => chunks.Complete();
}
