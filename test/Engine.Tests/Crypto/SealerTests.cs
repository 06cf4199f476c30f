using System.Text.Json.Nodes;
using Granary.Engine.Crypto;

namespace Granary.Engine.Tests.Crypto;

public sealed class SealerTests
{
    private static readonly JsonNode Given = Vectors.Load("crypto.json");
    private static readonly Sealer Fixed = Vectors.SealerOf(Given["fixed_key"]!);

    public static TheoryData<int> Seals => [.. Enumerable.Range(0, Given["seals"]!.AsArray().Count)];

    public static TheoryData<int> RealFiles => [.. Enumerable.Range(0, Given["real"]!.AsArray().Count)];

    [Theory]
    [MemberData(nameof(Seals))]
    public void Sealing_with_a_fixed_iv_gives_the_vector(int number)
    {
        var vector = Given["seals"]![number]!;
        var plaintext = vector.Hex("plaintext_hex");
        byte[] buffer = [.. vector.Hex("iv_hex"), .. plaintext, .. new byte[Sealer.MacSize]];

        Fixed.SealInPlaceWithIv(buffer);

        Assert.Equal(vector.Text("sealed_hex"), Convert.ToHexStringLower(buffer));
        Assert.Equal(plaintext, Fixed.Open(buffer));
    }

    [Theory]
    [MemberData(nameof(RealFiles))]
    public void What_restic_sealed_opens(int number)
    {
        var vector = Given["real"]![number]!;
        var sealer = Vectors.Sealer(vector.Text("repository"));

        var opened = sealer.Open(vector.Hex("sealed_hex"));

        Assert.Equal(vector.Text("decrypted_hex"), Convert.ToHexStringLower(opened!));
    }

    [Fact]
    public void One_flipped_bit_anywhere_breaks_the_seal()
    {
        var @sealed = Fixed.Seal("the quick brown fox jumps over the lazy dog"u8);

        for (var position = 0; position < @sealed.Length; position++)
        {
            @sealed[position] ^= 0x10;
            Assert.Null(Fixed.Open(@sealed));
            @sealed[position] ^= 0x10;
        }

        Assert.NotNull(Fixed.Open(@sealed));
    }

    [Fact]
    public void A_zero_iv_is_refused_even_with_the_right_mac()
    {
        var buffer = new byte[Sealer.Overhead + 5];
        Fixed.SealInPlaceWithIv(buffer);

        Assert.Null(Fixed.Open(buffer));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    public void Too_short_is_refused(int length) => Assert.Null(Fixed.Open(new byte[length]));

    [Fact]
    public void Two_seals_of_one_plaintext_differ()
    {
        Assert.NotEqual(Fixed.Seal("same"u8), Fixed.Seal("same"u8));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(5000)]
    public void The_portable_and_the_fast_key_stream_agree(int length)
    {
        var plaintext = new byte[length];
        Random.Shared.NextBytes(plaintext);
        byte[] iv = [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 250];
        var schedule = new AesSchedule(Enumerable.Range(7, 32).Select(value => (byte)value).ToArray());
        var (fast, portable) = (new byte[length], new byte[length]);

        new AesCtr(schedule, iv).Transform(plaintext, fast);
        new AesCtr(schedule, iv).Transform(plaintext, portable, portable: true);

        Assert.Equal(portable, fast);
    }

    [Fact]
    public void A_key_stream_continues_where_it_stopped()
    {
        var schedule = new AesSchedule(Enumerable.Range(7, 32).Select(value => (byte)value).ToArray());
        var (whole, pieces) = (new byte[300], new byte[300]);
        var stream = new AesCtr(schedule, new byte[16]);
        new AesCtr(schedule, new byte[16]).Transform(new byte[300], whole);

        stream.Transform(new byte[160], pieces);
        stream.Transform(new byte[140], pieces.AsSpan(160));

        Assert.Equal(whole, pieces);
        Assert.Throws<InvalidOperationException>(() => stream.Transform(new byte[1], new byte[1]));
    }
}
