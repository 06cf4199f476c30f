using System.Globalization;
using Granary.DevCluster.Controllers.CronJobs;
using k8s.Models;

namespace Granary.DevCluster.Tests.Controllers;

/// <summary>Slots of a schedule, as cron means them.</summary>
public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("*/5 * * * *", null, "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z")]
    [InlineData("@hourly", null, "2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z")]
    [InlineData("@every 90s", null, "2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z")]
    [InlineData("0 2 * * *", "Europe/Berlin", "2026-01-01T12:00:00Z", "2026-01-02T01:00:00Z")]
    [InlineData("0 0 13 * 5", null, "2026-02-10T00:00:00Z", "2026-02-13T00:00:00Z")]
    [InlineData("0 0 1 * 1", null, "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z")]
    [InlineData("0 0 1 * 1", null, "2026-01-27T00:00:00Z", "2026-02-01T00:00:00Z")]
    public void The_next_slot_is_found(string schedule, string? zone, string after, string expected) =>
        Assert.Equal(Utc(expected), CronSchedule.Parse(schedule, zone).Next(Utc(after)));

    [Theory]
    [InlineData(false, "2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z")]
    [InlineData(true, null, null)]
    public void A_suspended_cron_job_has_no_slot_that_is_due_or_comes(bool suspended, string? due, string? next)
    {
        var cron = new V1CronJob
        {
            Metadata = new V1ObjectMeta { CreationTimestamp = Utc("2026-01-01T00:00:30Z") },
            Spec = new V1CronJobSpec { Schedule = "*/5 * * * *", Suspend = suspended },
        };

        var decision = CronDecision.For(cron, CronSchedule.Parse("*/5 * * * *", null), Utc("2026-01-01T00:09:00Z"));

        Assert.Equal(due is null ? null : Utc(due), decision.Slot);
        Assert.Equal(next is null ? null : Utc(next), decision.Next);
    }

    private static DateTime Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime;
}
