using Granary.Api.Validation;

namespace Granary.Api.Tests.Validation;

public sealed class CronSyntaxTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("* * * * *")]
    [InlineData("*/5 * * * *")]
    [InlineData("  0   3 * * * ")]
    [InlineData("0 0,12 1-15/2 * MON-FRI")]
    [InlineData("5/15 * * jan,Jul sun")]
    [InlineData("0 0 ? * 0")]
    [InlineData("? ? * * *")] // Kubernetes reads ? as * everywhere
    [InlineData("0 0 29 2 *")]
    [InlineData("@hourly")]
    [InlineData("@midnight")]
    [InlineData("@annually")]
    [InlineData("@every 1h30m")]
    public void What_Kubernetes_accepts_is_accepted(string expression) =>
        Assert.Null(CronSyntax.Problem(expression, Now));

    [Theory]
    [InlineData("61 * * * *", "\"61\" is not a minute (0 to 59)")]
    [InlineData("* 24 * * *", "\"24\" is not a hour (0 to 23)")]
    [InlineData("* * 0 * *", "\"0\" is not a day of month (1 to 31)")]
    [InlineData("* * * 13 *", "\"13\" is not a month (1 to 12)")]
    [InlineData("* * * * 7", "\"7\" is not a day of week (0 to 6)")] // Sunday is 0
    [InlineData("* * * * sund", "\"sund\" is not a day of week (0 to 6)")]
    [InlineData("mon * * * *", "\"mon\" is not a minute (0 to 59)")]
    [InlineData("*/0 * * * *", "\"*/0\" is not a minute (0 to 59)")]
    [InlineData("*/-1 * * * *", "\"*/-1\" is not a minute (0 to 59)")]
    [InlineData("* 22-2 * * *", "\"22-2\" is not a hour (0 to 23)")] // ranges do not wrap
    [InlineData("1-2-3 * * * *", "\"1-2-3\" is not a minute (0 to 59)")]
    [InlineData("1,,2 * * * *", "\"\" is not a minute (0 to 59)")]
    [InlineData("0 0 L * *", "\"L\" is not a day of month (1 to 31)")]
    [InlineData("0 0 * * 1#2", "\"1#2\" is not a day of week (0 to 6)")]
    [InlineData("* * * *", "expected 5 fields (minute, hour, day of month, month, day of week), found 4")]
    [InlineData("0 * * * * *", "expected 5 fields (minute, hour, day of month, month, day of week), found 6")]
    [InlineData("CRON_TZ=UTC * * * * *", "a time zone (TZ or CRON_TZ) cannot be named in a schedule")]
    [InlineData("TZ=Europe/Vienna 0 3 * * *", "a time zone (TZ or CRON_TZ) cannot be named in a schedule")]
    [InlineData(
        "@every",
        "unknown macro; known are @annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly and @every "
            + "<duration>"
    )]
    [InlineData("@every soon", "@every needs a positive duration such as 1h30m")]
    [InlineData("@every 0s", "@every needs a positive duration such as 1h30m")]
    [InlineData(
        "@reboot",
        "unknown macro; known are @annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly and @every "
            + "<duration>"
    )]
    [InlineData("0 0 30 2 *", "the schedule never fires")]
    public void What_Kubernetes_refuses_or_never_fires_is_refused(string expression, string problem) =>
        Assert.Equal(problem, CronSyntax.Problem(expression, Now));
}
