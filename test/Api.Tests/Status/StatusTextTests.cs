using Granary.Api.Status;

namespace Granary.Api.Tests.Status;

public sealed class StatusTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1024 B")] // a unit starts above its size, as restic prints it
    [InlineData(1025, "1.001 KiB")]
    [InlineData(1812, "1.770 KiB")]
    [InlineData(3_573_547, "3.408 MiB")]
    [InlineData(5L << 30, "5.000 GiB")]
    [InlineData(5L << 40, "5.000 TiB")]
    [InlineData(5000L << 40, "5000.000 TiB")]
    public void Sizes_have_three_decimals_and_a_unit(long bytes, string expected)
    {
        var text = StatusText.Size(bytes);

        Assert.Equal(expected, text);
        Assert.True(StatusText.TryParseSize(text, out var read));
        Assert.InRange(read, bytes * 0.999, bytes * 1.001);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("1 KB")]
    [InlineData("-1 B")]
    [InlineData("1.0 KiB extra")]
    public void Other_text_is_not_a_size(string? text) => Assert.False(StatusText.TryParseSize(text, out _));

    [Theory]
    [InlineData(0, "0:00")]
    [InlineData(12.9, "0:12")]
    [InlineData(83, "1:23")]
    [InlineData(3600, "1:00:00")]
    [InlineData(90_061, "25:01:01")]
    public void Processing_times_have_hours_only_when_needed(double seconds, string expected)
    {
        var text = StatusText.ProcessingTime(TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected, text);
        Assert.True(StatusText.TryParseProcessingTime(text, out var read));
        Assert.Equal(Math.Floor(seconds), read.TotalSeconds);
    }
}
