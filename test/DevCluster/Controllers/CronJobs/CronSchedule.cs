using Cronos;

namespace Granary.DevCluster.Controllers.CronJobs;

/// <summary>A CronJob's schedule with the meaning that Kubernetes gives it.</summary>
/// <remarks>
/// Two differences from Cronos: when day of month and day of week are both restricted, either is enough (cron's rule;
/// Cronos wants both), and <c>@every 90s</c> exists.
/// </remarks>
public sealed class CronSchedule
{
    private readonly CronExpression[] _expressions;
    private readonly TimeSpan? _every;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(CronExpression[] expressions, TimeSpan? every, TimeZoneInfo zone) =>
        (_expressions, _every, _zone) = (expressions, every, zone);

    /// <exception cref="CronFormatException">The schedule cannot be read.</exception>
    /// <exception cref="TimeZoneNotFoundException">The time zone is unknown.</exception>
    public static CronSchedule Parse(string schedule, string? timeZone)
    {
        var zone = timeZone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(timeZone);
        schedule = schedule.Trim();
        if (schedule.StartsWith("@every ", StringComparison.Ordinal))
        {
            return new CronSchedule([], GoDuration.Parse(schedule["@every ".Length..]), zone);
        }

        var fields = schedule.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length == 5 && IsRestricted(fields[2]) && IsRestricted(fields[4]))
        {
            return new CronSchedule(
                [
                    CronExpression.Parse($"{fields[0]} {fields[1]} {fields[2]} {fields[3]} *"),
                    CronExpression.Parse($"{fields[0]} {fields[1]} * {fields[3]} {fields[4]}"),
                ],
                null,
                zone
            );
        }

        return new CronSchedule([CronExpression.Parse(schedule)], null, zone);
    }

    /// <summary>The first slot after <paramref name="after"/> (UTC); null when there is none, ever.</summary>
    public DateTime? Next(DateTime after)
    {
        if (_every is { } every)
        {
            var next = after + every;
            return new DateTime(next.Ticks - (next.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
        }

        return _expressions
            .Select(expression => expression.GetNextOccurrence(after, _zone))
            .Where(next => next is not null)
            .Min();
    }

    private static bool IsRestricted(string field) => field[0] is not ('*' or '?');
}
