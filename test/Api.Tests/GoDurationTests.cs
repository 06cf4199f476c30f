namespace Granary.Api.Tests;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("30s", 30_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1m18s", 78_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData(".5s", 500)]
    [InlineData("1.s", 1_000)]
    [InlineData("-2m", -120_000)]
    [InlineData("+5s", 5_000)]
    [InlineData("250ms", 250)]
    [InlineData("1500us", 1.5)]
    [InlineData("1500\u00b5s", 1.5)]
    [InlineData("1500\u03bcs", 1.5)]
    [InlineData("1h1h", 7_200_000)]
    public void Durations_of_Go_are_read(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), GoDuration.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("-")]
    [InlineData("30")] // no unit
    [InlineData("1d")] // Go has no days
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1..5s")]
    [InlineData("1 h")]
    [InlineData("1h ")]
    [InlineData("1H")]
    [InlineData("2562048h")] // one hour more than 64 bits of nanoseconds hold
    [InlineData("99999999999999999999999999999999999999h")]
    public void Anything_else_is_not_a_duration(string? text)
    {
        Assert.False(GoDuration.TryParse(text, out _));
        Assert.Throws<FormatException>(() => GoDuration.Parse(text ?? ""));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "100ns")]
    [InlineData(15, "1.5\u00b5s")]
    [InlineData(8_310_180, "831.018ms")]
    [InlineData(10_000_000, "1s")]
    [InlineData(15_000_000, "1.5s")]
    [InlineData(780_000_000, "1m18s")]
    [InlineData(600_000_000, "1m0s")]
    [InlineData(36_000_000_000, "1h0m0s")]
    [InlineData(972_000_000_000, "27h0m0s")]
    [InlineData(-780_000_000, "-1m18s")]
    public void Durations_are_written_as_Go_writes_them(long ticks, string expected)
    {
        var text = GoDuration.Format(TimeSpan.FromTicks(ticks));

        Assert.Equal(expected, text);
        Assert.Equal(ticks, GoDuration.Parse(text).Ticks);
    }

    [Fact]
    public void Nanoseconds_are_cut_to_what_a_TimeSpan_holds() =>
        Assert.Equal(8_310_180, GoDuration.Parse("831.018039ms").Ticks);
}
