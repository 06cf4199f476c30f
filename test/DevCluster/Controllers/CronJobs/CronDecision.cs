using k8s.Models;

namespace Granary.DevCluster.Controllers.CronJobs;

/// <summary>Which slot of a CronJob is due now, and when to look again.</summary>
/// <param name="Slot">The slot to start; null when none is due.</param>
/// <param name="Missed">The slot that came too late for its <c>startingDeadlineSeconds</c>; null when none did.</param>
/// <param name="Next">The next slot after now; null when there is none.</param>
/// <param name="TooMany">More than a hundred slots were missed since the last one that was started.</param>
internal sealed record CronDecision(DateTime? Slot, DateTime? Missed, DateTime? Next, bool TooMany)
{
    public static CronDecision For(V1CronJob cron, CronSchedule schedule, DateTime now)
    {
        if (cron.Spec.Suspend == true)
        {
            return new CronDecision(null, null, null, TooMany: false);
        }

        var from = cron.Status?.LastScheduleTime ?? cron.Metadata.CreationTimestamp ?? now;
        if (cron.Spec.StartingDeadlineSeconds is { } bound && now.AddSeconds(-bound) is var oldest && oldest > from)
        {
            from = oldest;
        }

        DateTime? latest = null;
        var missed = 0;
        var cursor = from;
        while (schedule.Next(cursor) is { } slot && slot <= now)
        {
            latest = slot;
            cursor = slot;
            if (++missed > 100)
            {
                // A slot a year back may have half a million successors: step close to now instead of through all of
                // them.
                cursor = Max(cursor, LatestBefore(schedule, now));
                latest = cursor;
            }
        }

        var next = schedule.Next(now);
        if (latest is { } due && cron.Spec.StartingDeadlineSeconds is { } deadline && due.AddSeconds(deadline) < now)
        {
            return new CronDecision(null, due, next, missed > 100);
        }

        return new CronDecision(latest, null, next, missed > 100);
    }

    private static DateTime LatestBefore(CronSchedule schedule, DateTime now)
    {
        for (var span = TimeSpan.FromMinutes(2); span < TimeSpan.FromDays(800); span *= 4)
        {
            if (schedule.Next(now - span) is { } slot && slot <= now)
            {
                return slot;
            }
        }

        return DateTime.MinValue;
    }

    private static DateTime Max(DateTime a, DateTime b) => a > b ? a : b;
}
