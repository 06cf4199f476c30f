using Granary.Engine.Ids;

namespace Granary.Engine.Tests.Ids;

public sealed class Sha256IdTests
{
    private const string Digits = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";

    [Fact]
    public void Digits_come_back()
    {
        Assert.Equal(Digits, Sha256Id.Parse(Digits).ToString());
        var bytes = new byte[Sha256Id.Size];
        Sha256Id.Parse(Digits).CopyTo(bytes);
        Assert.Equal(Digits, Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00112233")]
    [InlineData("00112233445566778899AABBCCDDEEFF0123456789abcdef0123456789abcdef")]
    [InlineData("0011223344556677889gaabbccddeeff0123456789abcdef0123456789abcdef")]
    [InlineData("00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef00")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(Sha256Id.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Sha256Id.Parse(text));
    }

    [Fact]
    public void Ids_sort_as_their_digits()
    {
        var ids = Enumerable.Range(0, 100).Select(i => Sha256Id.Of([(byte)i])).ToList();

        Assert.Equal(
            ids.Select(id => id.ToString()).Order(StringComparer.Ordinal),
            ids.Order().Select(id => id.ToString())
        );
    }

    [Fact]
    public void Lists_grow_while_others_fill_them()
    {
        var list = new Sha256IdList();

        Parallel.For(0, 10_000, i =>
        {
            int position;
            lock (list)
            {
                position = list.Reserve();
            }

            list[position] = Sha256Id.Of(BitConverter.GetBytes(position));
        });

        Assert.Equal(10_000, list.Count);
        Assert.All(Enumerable.Range(0, list.Count), i => Assert.Equal(Sha256Id.Of(BitConverter.GetBytes(i)), list[i]));
    }
}
