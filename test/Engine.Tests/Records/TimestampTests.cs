using Granary.Engine.Records;

namespace Granary.Engine.Tests.Records;

public sealed class TimestampTests
{
    [Theory]
    [InlineData("2024-03-03T07:30:00+05:30", 0)]
    [InlineData("2024-03-03T07:30:00Z", 0)]
    [InlineData("2024-03-03T07:30:00.123456789-11:00", 89)]
    [InlineData("2024-03-03T07:30:00.1Z", 0)]
    [InlineData("2024-03-03T07:30:00.0000000Z", 0)]
    public void Text_is_kept_as_it_was(string text, int nanoseconds)
    {
        Assert.True(Timestamp.TryParse(text, out var time));
        Assert.Equal(text, time.Text);
        Assert.Equal(nanoseconds, time.SubTickNanoseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2024-03-03")]
    [InlineData("2024-03-03T07:30:00.Z")]
    [InlineData("2024-03-03T07:30:00.1234567890Z")]
    [InlineData("2024-13-03T07:30:00Z")]
    public void Other_texts_are_refused(string text) => Assert.False(Timestamp.TryParse(text, out _));

    [Theory]
    [InlineData("2024-03-03T07:30:00+05:30")]
    [InlineData("2024-03-03T07:30:00.12Z")]
    [InlineData("2024-03-03T07:30:00.1234567Z")]
    public void Written_as_read(string text)
    {
        Assert.True(Timestamp.TryParse(text, out var time));
        Assert.Equal(text, Timestamp.From(time.Value).Text);
    }

    [Fact]
    public void Nanoseconds_count_and_offsets_do_not()
    {
        Assert.True(Timestamp.TryParse("2024-03-03T07:30:00.000000001Z", out var early));
        Assert.True(Timestamp.TryParse("2024-03-03T08:30:00.000000002+01:00", out var late));

        Assert.True(early < late);
    }
}
