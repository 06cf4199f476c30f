namespace Granary.Engine.Tests;

public sealed class ByteRingTests
{
    private const int Longest = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Slices of every length that are let go in any order keep their bytes for as long as they are held.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Held_slices_keep_their_bytes_whatever_is_read_after_them(int seed)
    {
        var random = new Random(seed);
        var ring = new ByteRing(new byte[2 * Longest]);
        var held = new List<(ByteRing.Slice Slice, byte[] Bytes)>();
        byte next = 0;
        byte cut = 0;
        for (var round = 0; round < 5_000; round++)
        {
            var room = ring.RoomAsync(1, Cancellation).AsTask();
            await LetGoUntilAsync(room, () => held.Count, LetOneGo);

            var memory = await room;
            var count = random.Next(1, Math.Min(memory.Length, Longest - ring.Open.Length) + 1);
            foreach (ref var each in memory.Span[..count])
            {
                each = next++;
            }

            ring.Advance(count);
            if (ring.Open.Length == Longest || random.Next(3) == 0)
            {
                var length = random.Next(1, ring.Open.Length + 1);
                var expected = ring.Open[..length].ToArray();
                Assert.All(expected, each => Assert.Equal(cut++, each));
                held.Add((ring.Cut(length), expected));
            }

            if (random.Next(4) == 0)
            {
                LetOneGo();
            }

            Assert.All(held, each => Assert.True(each.Slice.Bytes.Span.SequenceEqual(each.Bytes)));
        }

        void LetOneGo()
        {
            if (held.Count > 0)
            {
                var index = random.Next(held.Count);
                held[index].Slice.Dispose();
                held.RemoveAt(index);
            }
        }
    }

    [Fact]
    public async Task A_full_ring_waits_for_its_oldest_slice_and_for_nothing_else()
    {
        var ring = new ByteRing(new byte[2 * Longest]);
        var slices = new List<ByteRing.Slice>();
        for (var i = 0; i < 4; i++)
        {
            ring.Advance(Math.Min(Longest / 2, (await ring.RoomAsync(1, Cancellation)).Length));
            slices.Add(ring.Cut(Longest / 2));
        }

        var room = ring.RoomAsync(1, Cancellation).AsTask();
        slices[1].Dispose();
        slices[3].Dispose();
        Assert.False(room.IsCompleted);
        slices[0].Dispose();

        // The second one went before it, so that half of the memory is free.
        Assert.Equal(Longest, (await room.WaitAsync(Patience, Cancellation)).Length);
    }

    /// <summary>As a dump does: slices are reserved in order and filled later.</summary>
    [Fact]
    public async Task Reserved_slices_keep_what_is_written_to_them()
    {
        var random = new Random(4);
        var ring = new ByteRing(new byte[2 * Longest]);
        var held = new Queue<(ByteRing.Slice Slice, byte Value)>();
        for (var round = 0; round < 5_000; round++)
        {
            var length = random.Next(40) switch
            {
                0 => 3 * Longest,
                1 => 2 * Longest,
                2 => 0,
                _ => random.Next(1, Longest),
            };
            var reserved = ring.ReserveAsync(length, Cancellation).AsTask();
            await LetGoUntilAsync(reserved, () => held.Count, LetOneGo);

            var slice = await reserved;
            Assert.Equal(length, slice.Bytes.Length);
            slice.Bytes.Span.Fill((byte)round);
            held.Enqueue((slice, (byte)round));
            if (random.Next(2) == 0)
            {
                LetOneGo();
            }
        }

        // Never more than the ring has, however long a slice is.
        void LetOneGo()
        {
            Assert.True(held.Count <= 1 || held.Sum(each => each.Slice.Bytes.Length) <= 2 * Longest);
            if (held.TryDequeue(out var oldest))
            {
                Assert.False(oldest.Slice.Bytes.Span.ContainsAnyExcept(oldest.Value));
                oldest.Slice.Dispose();
            }
        }
    }

    [Fact]
    public async Task Waiting_for_room_can_be_cancelled()
    {
        var ring = new ByteRing(new byte[2 * Longest]);
        ring.Advance((await ring.RoomAsync(1, Cancellation)).Length);
        ring.Cut(Longest);
        ring.Cut(Longest);
        using var stop = new CancellationTokenSource();

        var room = ring.RoomAsync(1, stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => room);
    }

    private static async Task LetGoUntilAsync(Task wanted, Func<int> held, Action letOneGo)
    {
        while (!wanted.IsCompleted)
        {
            if (held() == 0)
            {
                await wanted.WaitAsync(Patience, Cancellation);
            }

            letOneGo();
            await Task.Yield();
        }
    }
}
