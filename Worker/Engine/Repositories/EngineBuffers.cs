using System.Collections.Concurrent;
using Granary.Engine.Packing;

namespace Granary.Engine.Repositories;

/// <summary>
/// The pools of one open repository: buffers that hold any chunk, the segments that packs and trees are made of, and
/// the rings that streams pass through.
/// </summary>
internal sealed class EngineBuffers
{
    // Two chunks of the usual length.
    private const int BytesForWorker = 3 << 20;

    private readonly ConcurrentDictionary<int, BufferPool> _rings = new();

    public ChunkBuffers Chunks { get; } = new(BlobCodec.BufferSize);

    // Kept whole: the largest moment decides the peak in any case, and bringing pages back took a sixth of a backup's
    // time.
    public BufferPool Segments { get; } = new(1 << 20);

    /// <summary>Buffers in use; zero when nothing runs.</summary>
    public int Rented => Chunks.Rented + Segments.Rented + _rings.Values.Sum(pool => pool.Rented);

    /// <summary>Memory for a <see cref="ByteRing"/>. Between two uses only its addresses stay.</summary>
    /// <param name="least">How much, bytes.</param>
    /// <param name="workers">How many work on whole chunks in it: for many it is longer.</param>
    public byte[] RentRing(int least, int workers = 0) =>
        _rings
            .GetOrAdd(Math.Max(least, BytesForWorker * workers), each => new BufferPool(each, keepsPages: false))
            .Rent();

    /// <summary>Takes it back.</summary>
    public void ReturnRing(byte[] ring) => _rings[ring.Length].Return(ring);
}
