using System.Collections.Concurrent;

namespace Granary.Engine;

/// <summary>Buffers of one size that are kept for reuse, so that megabytes per chunk do not churn the large object heap.</summary>
/// <remarks>
/// The pool never refuses: what bounds memory is the capacity of the pipeline that rents. Contents are not cleared on return; the
/// plaintext in them is no more secret than the keys that the same process holds. Most chunks are a small part of the largest, so what a
/// buffer had beyond <c>residentSize</c> is given back to the system on return: the process holds what it uses, not the worst case.
/// </remarks>
/// <param name="bufferSize">Length of every buffer.</param>
/// <param name="residentSize">How much of an unused buffer stays in memory. Default: all of it.</param>
internal sealed class BufferPool(int bufferSize, int residentSize = int.MaxValue)
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
            throw new ArgumentException($"A buffer of {buffer.Length} bytes does not belong to this pool.", nameof(buffer));
        }

        Interlocked.Decrement(ref _rented);
        if (residentSize < buffer.Length)
        {
            MemoryPages.Discard(buffer.AsSpan(residentSize));
        }

        _free.Push(buffer);
    }
}
