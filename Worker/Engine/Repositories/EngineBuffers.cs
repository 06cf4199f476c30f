using Granary.Engine.Packing;

namespace Granary.Engine.Repositories;

/// <summary>The pools of one open repository: buffers that hold any chunk, and the segments that packs and trees are made of.</summary>
internal sealed class EngineBuffers
{
    // Chunks have 1.5 MiB on average: what is more than usual comes and goes, which costs less than keeping it.
    private const int ResidentChunk = 1 << 20;

    public BufferPool Chunks { get; } = new(BlobCodec.BufferSize, ResidentChunk);

    public BufferPool Segments { get; } = new(1 << 20);

    /// <summary>Buffers in use; zero when nothing runs.</summary>
    public int Rented => Chunks.Rented + Segments.Rented;
}
