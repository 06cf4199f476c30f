namespace Granary.Engine;

/// <summary>Buffers for chunks, runs of packs and whatever else is as long as a chunk may be, in a few sizes that are kept for reuse.</summary>
/// <remarks>
/// Chunks have 0.5 to 8 MiB, and most of them less than 2. One size for all would take several times what is used: where memory has a
/// limit, the collector counts what is committed. What is longer than the largest size is allocated, and not kept.
/// </remarks>
/// <param name="largest">The largest size, bytes.</param>
internal sealed class ChunkBuffers(int largest)
{
    // Chunks have 1.5 MiB on average, and a fifth of them more than 2: what a waiting buffer of the largest size has beyond the average comes and
    // goes, which costs less than keeping it. The smaller sizes stay: bringing pages back took a seventh of a dump's time.
    private const int Resident = 3 << 19;

    private readonly BufferPool[] _sizes = [new(1 << 20), new(2 << 20), new(4 << 20), new(largest, Resident)];

    /// <summary>Length of the largest buffers that are kept.</summary>
    public int Largest => largest;

    /// <summary>Kept buffers that are out. Zero when nothing leaks and nothing runs.</summary>
    public int Rented => _sizes.Sum(size => size.Rented);

    /// <summary>A buffer of at least so many bytes.</summary>
    public byte[] Rent(int length) => Array.Find(_sizes, size => length <= size.BufferSize)?.Rent() ?? new byte[length];

    /// <summary>A buffer of the largest size.</summary>
    public byte[] RentLargest() => Rent(largest);

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte[] buffer) => Array.Find(_sizes, size => size.BufferSize == buffer.Length)?.Return(buffer);
}
