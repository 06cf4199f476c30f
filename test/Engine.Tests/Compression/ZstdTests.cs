using Granary.Engine.Compression;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Compression;

/// <summary>The native library and its managed stand-in are one codec.</summary>
public sealed class ZstdTests
{
    private static readonly Sealer Sealer = new(RepositoryKey.Random());

    public static TheoryData<bool, bool> Pairs { get; } =
        new()
        {
            { true, true },
            { true, false },
            { false, true },
            { false, false },
        };

    [Fact]
    public void The_native_library_is_there() => Assert.True(ZstdLibrary.IsAvailable);

    [Theory]
    [MemberData(nameof(Pairs))]
    public void What_one_compresses_the_other_decompresses(bool nativeWrites, bool nativeReads)
    {
        using var writer = Create(nativeWrites);
        using var reader = Create(nativeReads);
        foreach (
            var plaintext in (byte[][])
                [
                    [],
                    [7],
                    SeededBytes.CopyText("zstd", 3_000_000),
                    SeededBytes.Random("zstd", 300_000),
                ]
        )
        {
            var room = new byte[Zstd.Bound(plaintext.Length)];
            Assert.True(writer.TryCompress(plaintext, room, out var written));
            var back = new byte[plaintext.Length];
            Assert.True(reader.TryDecompressExactly(room.AsSpan(0, written), back));
            Assert.Equal(plaintext, back);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_does_not_fit_or_is_damaged_is_refused(bool native)
    {
        using var zstd = Create(native);
        var text = SeededBytes.CopyText("zstd", 100_000);
        var room = new byte[Zstd.Bound(text.Length)];
        Assert.False(zstd.TryCompress(SeededBytes.Random("zstd", 100_000), room.AsSpan(0, 99_999), out _));
        Assert.True(zstd.TryCompress(text, room, out var written));
        var frame = room.AsSpan(0, written);
        Assert.False(zstd.TryDecompressExactly(frame, new byte[text.Length - 1]));
        Assert.False(zstd.TryDecompressExactly(frame, new byte[text.Length + 1]));
        Assert.False(zstd.TryDecompressExactly(frame[..^1], new byte[text.Length]));
        frame[0] ^= 1;
        Assert.False(zstd.TryDecompressExactly(frame, new byte[text.Length]));
        frame[0] ^= 1;
        Assert.True(zstd.TryDecompressExactly(frame, new byte[text.Length]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hash_without_the_plaintext_is_of_a_whole_frame_of_the_right_length_only(bool native)
    {
        using var zstd = Create(native);
        foreach (
            var text in (byte[][])
                [
                    [7],
                    SeededBytes.CopyText("zstd", 3_000_000),
                    SeededBytes.Random("zstd", 300_000),
                ]
        )
        {
            var room = new byte[Zstd.Bound(text.Length)];
            Assert.True(zstd.TryCompress(text, room, out var written));
            var frame = room.AsSpan(0, written).ToArray();
            Assert.Null(Hash(frame.AsSpan(..^1), text.Length));
            Assert.Null(Hash([.. frame, 0], text.Length));
            Assert.Null(Hash([.. frame, .. frame], text.Length));
            Assert.Null(Hash([.. frame, .. new byte[200_000]], text.Length));
            Assert.Null(Hash(frame, text.Length - 1));
            Assert.Null(Hash(frame, text.Length + 1));
            Assert.Null(Hash([(byte)(frame[0] ^ 1), .. frame.AsSpan(1)], text.Length));

            // Whatever went wrong before leaves nothing behind.
            Assert.Equal(Sha256Id.Of(text), Hash(frame, text.Length));
        }

        Sha256Id? Hash(ReadOnlySpan<byte> frame, long length)
        {
            var opened = Sealer.Opening(Sealer.Seal(frame));
            return zstd.HashDecompressed(ref opened, length);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000_000)]
    public void Streams_carry_the_content_size_and_come_back_whole(int length)
    {
        var text = SeededBytes.CopyText("stream", length);
        using var frame = Compressed(text);
        Assert.Equal((ulong)length, ZstdSharp.Decompressor.GetDecompressedSize(frame.ToArray()));
        using var reader = Zstd.Decompressing(frame);
        using var back = new MemoryStream();
        reader.CopyTo(back, 1000);
        Assert.Equal(text, back.ToArray());
    }

    [Fact]
    public void A_stream_that_ends_early_or_is_not_zstd_is_an_error()
    {
        var frame = Compressed(SeededBytes.CopyText("stream", 500_000)).ToArray();
        Assert.Throws<EndOfStreamException>(() => ReadAll(frame[..^1]));
        Assert.Throws<EndOfStreamException>(() => ReadAll(frame[..3]));
        Assert.Throws<InvalidDataException>(() => ReadAll([1, 2, 3, 4, 5, 6, 7, 8]));
    }

    private static Zstd Create(bool native) => native ? Zstd.Create(1) : Zstd.CreateManaged(1);

    private static MemoryStream Compressed(byte[] text)
    {
        var frame = new MemoryStream();
        using (var writer = Zstd.Compressing(frame, text.Length))
        {
            writer.Write(text);
        }

        frame.Position = 0;
        return frame;
    }

    private static void ReadAll(byte[] frame)
    {
        using var reader = Zstd.Decompressing(new MemoryStream(frame));
        reader.CopyTo(Stream.Null);
    }
}
