using Granary.Engine.Records;

namespace Granary.Engine.Tests.Records;

public sealed class UnpackedFormatTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Documents_come_back(int version)
    {
        var document = "{\"packs\":[]}\n"u8.ToArray();

        var encoded = UnpackedFormat.Encode(version, document, before: 3, after: 5);

        Assert.Equal(document, Decode(version, encoded[3..^5]));
        Assert.Equal(version == 2, encoded[3] == 2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void Plain_text_is_read_in_version_2_too(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        Assert.Equal(bytes, Decode(2, bytes));
    }

    [Fact]
    public void Another_encoding_is_refused() => Assert.Throws<UnsupportedFormatException>(() => Decode(2, [3, 1, 2]));

    private static byte[] Decode(int version, byte[] encoded)
    {
        using var stream = UnpackedFormat.Decode(version, encoded, 0, encoded.Length);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
