using System.Collections.Concurrent;

namespace Granary.Engine;

/// <summary>
/// Buffers of one size that are kept for reuse, so that megabytes per chunk do not churn the large object heap.
/// </summary>
/// <remarks>
/// The pool never refuses. Memory is bounded by the capacity of the pipeline that rents. Contents are not cleared on
/// return; the plaintext in them is no more secret than the keys that the same process holds.
/// </remarks>
/// <param name="bufferSize">Length of every buffer.</param>
/// <param name="keepsPages">
/// Whether unused buffers stay in memory. Otherwise only their addresses do, and the pages come back one by one, which
/// costs time.
/// </param>
internal sealed class BufferPool(int bufferSize, bool keepsPages = true)
{
    private readonly ConcurrentStack<byte[]> _free = new();
    private int _rented;

    /// <summary>Length of every buffer.</summary>
    public int BufferSize { get; } = bufferSize;

    /// <summary>Buffers that are out. Zero when nothing leaks and nothing runs.</summary>
    public int Rented => Volatile.Read(ref _rented);

    public byte[] Rent()
    {
        Interlocked.Increment(ref _rented);
        if (_free.TryPop(out var buffer))
        {
            return buffer;
        }

        // Pinned: native code reads these buffers all the time, and the collector need not move them.
        return GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
    }

    public void Return(byte[] buffer)
    {
        if (buffer.Length != BufferSize)
        {
            throw new ArgumentException(
                $"A buffer of {buffer.Length} bytes does not belong to this pool.",
                nameof(buffer)
            );
        }

        Interlocked.Decrement(ref _rented);
        if (!keepsPages)
        {
            MemoryPages.Discard(buffer);
        }

        _free.Push(buffer);
    }
}
