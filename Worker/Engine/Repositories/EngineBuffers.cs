using Granary.Engine.Packing;

namespace Granary.Engine.Repositories;

/// <summary>The pools of one open repository: buffers that hold any chunk, and the segments that packs and trees are made of.</summary>
internal sealed class EngineBuffers
{
    public ChunkBuffers Chunks { get; } = new(BlobCodec.BufferSize);

    // Half a pack: what the largest moment needed should not stay for the rest of a backup.
    public BufferPool Segments { get; } = new(1 << 20, residentCount: 8);

    /// <summary>Buffers in use; zero when nothing runs.</summary>
    public int Rented => Chunks.Rented + Segments.Rented;
}
