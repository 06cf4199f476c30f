namespace Granary.Engine;

/// <summary>
/// Buffers for sealed chunks, runs of packs and other bytes that are as long as a chunk may be, in a few sizes that are
/// kept for reuse.
/// </summary>
/// <remarks>
/// Chunks have 0.5 to 8 MiB, and most of them less than 2. One size for all would take several times the memory in use,
/// and where memory has a limit, the collector counts all that is committed. A buffer above the largest size is
/// allocated, and not kept.
/// </remarks>
/// <param name="largest">The largest size, bytes.</param>
internal sealed class ChunkBuffers(int largest)
{
    private readonly BufferPool[] _sizes = [new(1 << 20), new(2 << 20), new(4 << 20), new(largest)];

    /// <summary>Kept buffers that are out. Zero when nothing leaks and nothing runs.</summary>
    public int Rented => _sizes.Sum(size => size.Rented);

    /// <summary>A buffer of at least so many bytes.</summary>
    public byte[] Rent(int length) => Array.Find(_sizes, size => length <= size.BufferSize)?.Rent() ?? new byte[length];

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte[] buffer) => Array.Find(_sizes, size => size.BufferSize == buffer.Length)?.Return(buffer);
}
