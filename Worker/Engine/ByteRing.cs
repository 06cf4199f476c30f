using System.Threading.Channels;

namespace Granary.Engine;

/// <summary>
/// A fixed piece of memory through which a stream passes in slices: one task fills and cuts them off in order, others
/// use them and let go.
/// </summary>
/// <remarks>
/// A slice of any length is one run of memory. Nothing is copied except a slice that has begun where the memory ends:
/// it moves to the front. So a stream takes the same memory from its first byte to its last, and all of it stays in
/// use. A user that is slow to let go stops the task that fills. Slices may be let go from any thread, in any order.
/// </remarks>
/// <param name="memory">More than the longest slice that is cut from <see cref="Open"/>.</param>
internal sealed class ByteRing(Memory<byte> memory)
{
    private readonly Lock _lock = new();
    private readonly Queue<Slice> _held = new(); // In the order of the stream.
    private readonly Channel<bool> _letGo = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private int _start;
    private int _filled;

    /// <summary>The bytes that were filled and not cut off yet.</summary>
    public ReadOnlySpan<byte> Open => memory.Span.Slice(_start, _filled);

    /// <summary>Waits for free memory behind <see cref="Open"/>, which may move for it.</summary>
    /// <param name="least">
    /// How many bytes are needed; with those of <see cref="Open"/> no more than the ring has.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    public async ValueTask<Memory<byte>> RoomAsync(int least, CancellationToken cancellationToken)
    {
        int room;
        while ((room = FindRoom(least)) < least)
        {
            await _letGo.Reader.ReadAsync(cancellationToken);
        }

        return memory.Slice(_start + _filled, room);
    }

    /// <summary>Says how much of the room was filled.</summary>
    public void Advance(int count) => _filled += count;

    /// <summary>
    /// Cuts the first bytes of <see cref="Open"/> off. They stay where they are until the slice is disposed.
    /// </summary>
    public Slice Cut(int length) => Cut(length, memory.Slice(_start, length));

    /// <summary>
    /// Waits for a slice that is filled later; nothing may be <see cref="Open"/>. One that is longer than the ring gets
    /// memory of its own and waits until everything is let go.
    /// </summary>
    public async ValueTask<Slice> ReserveAsync(int length, CancellationToken cancellationToken)
    {
        // A slice without bytes would look like the one behind it.
        var taken = Math.Clamp(length, 1, memory.Length);
        var room = await RoomAsync(taken, cancellationToken);
        Advance(taken);
        return Cut(taken, length > taken ? new byte[length] : room[..length]);
    }

    private Slice Cut(int length, Memory<byte> bytes)
    {
        var slice = new Slice(this, _start, bytes);
        _start += length;
        _filled -= length;
        lock (_lock)
        {
            _held.Enqueue(slice);
        }

        return slice;
    }

    private int FindRoom(int least)
    {
        var end = _start + _filled;
        lock (_lock)
        {
            var isHeld = _held.TryPeek(out var oldest);
            if (isHeld && oldest!.Start >= _start)
            {
                // Round once: up to the oldest.
                return oldest.Start - end;
            }

            if (memory.Length - end >= least)
            {
                return memory.Length - end;
            }

            // The held slices lie between the front and the open bytes.
            var room = (isHeld ? oldest!.Start : memory.Length) - _filled;
            if (room >= least)
            {
                Open.CopyTo(memory.Span);
                _start = 0;
            }

            return room;
        }
    }

    private void LetGo(Slice slice)
    {
        lock (_lock)
        {
            slice.IsHeld = false;
            while (_held.TryPeek(out var oldest) && !oldest.IsHeld)
            {
                _held.Dequeue();
            }
        }

        _letGo.Writer.TryWrite(true);
    }

    /// <summary>Bytes that are held until it is disposed.</summary>
    public sealed class Slice(ByteRing ring, int start, Memory<byte> bytes) : IDisposable
    {
        /// <summary>The bytes.</summary>
        public Memory<byte> Bytes => bytes;

        internal int Start => start;

        internal bool IsHeld { get; set; } = true;

        public void Dispose() => ring.LetGo(this);
    }
}
