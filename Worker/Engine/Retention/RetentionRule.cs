using System.Globalization;
using Granary.Engine.Records;

namespace Granary.Engine.Retention;

/// <summary>
/// One rule of a policy on its walk from the newest snapshot to the oldest. Source: repository format §12.3.
/// </summary>
internal sealed class RetentionRule
{
    private readonly string _text;
    private readonly Func<DateTimeOffset, int, long>? _bucket;
    private readonly Func<Timestamp, bool> _isInReach;
    private int _remaining;
    private long _lastBucket = -1;

    private RetentionRule(
        string text,
        Func<DateTimeOffset, int, long>? bucket,
        int count,
        Func<Timestamp, bool> isInReach
    )
    {
        _text = text;
        _bucket = bucket;
        _remaining = count;
        _isInReach = isInReach;
    }

    /// <summary>The rules that a policy sets, in the order in which restic states its reasons.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="latest">
    /// The newest snapshot that is not in the future; null when all are, and then everything is within reach.
    /// </param>
    public static RetentionRule[] Of(RetentionPolicy policy, Timestamp? latest)
    {
        (string Name, Func<DateTimeOffset, int, long> Bucket, int Count, CalendarSpan Within)[] buckets =
        [
            (
                "hourly",
                (time, _) => (((time.Year * 100L) + time.Month) * 10_000) + (time.Day * 100) + time.Hour,
                policy.Hourly,
                policy.WithinHourly
            ),
            (
                "daily",
                (time, _) => (((time.Year * 100L) + time.Month) * 100) + time.Day,
                policy.Daily,
                policy.WithinDaily
            ),
            (
                "weekly",
                (time, _) => (ISOWeek.GetYear(time.DateTime) * 100L) + ISOWeek.GetWeekOfYear(time.DateTime),
                policy.Weekly,
                policy.WithinWeekly
            ),
            ("monthly", (time, _) => (time.Year * 100L) + time.Month, policy.Monthly, policy.WithinMonthly),
            ("yearly", (time, _) => time.Year, policy.Yearly, policy.WithinYearly),
        ];
        var rules = new List<RetentionRule>();
        if (!policy.Within.IsZero)
        {
            rules.Add(
                new RetentionRule(
                    $"within {policy.Within}",
                    bucket: null,
                    RetentionPolicy.Unlimited,
                    After(policy.Within, latest)
                )
            );
        }

        if (policy.Last != 0)
        {
            rules.Add(new RetentionRule("last snapshot", (_, position) => position, policy.Last, _ => true));
        }

        rules.AddRange(
            buckets
                .Where(rule => rule.Count != 0)
                .Select(rule => new RetentionRule($"{rule.Name} snapshot", rule.Bucket, rule.Count, _ => true))
        );
        rules.AddRange(
            buckets
                .Where(rule => !rule.Within.IsZero)
                .Select(rule => new RetentionRule(
                    $"{rule.Name} within {rule.Within}",
                    rule.Bucket,
                    RetentionPolicy.Unlimited,
                    After(rule.Within, latest)
                ))
        );
        return [.. rules];
    }

    /// <summary>
    /// Goes on to the next snapshot, newest first, and counts it where it is kept. Once for each.
    /// </summary>
    /// <returns>Why the rule keeps it, or null.</returns>
    public string? Visit(Timestamp time, int position, bool isOldest)
    {
        if (_remaining == 0 || !_isInReach(time))
        {
            return null;
        }

        if (_bucket is null)
        {
            return _text;
        }

        long bucket = _bucket(time.Value, position);
        bool isNew = bucket != _lastBucket;
        if (!isNew && !isOldest)
        {
            return null;
        }

        _lastBucket = bucket;
        _remaining -= _remaining > 0 ? 1 : 0;
        return isNew ? _text : $"oldest {_text}";
    }

    private static Func<Timestamp, bool> After(CalendarSpan span, Timestamp? latest)
    {
        if (latest is not { } newest || span.Before(newest) is not { } horizon)
        {
            return _ => true;
        }

        int subTick = newest.SubTickNanoseconds;
        return time =>
        {
            int byTicks = time.Value.UtcTicks.CompareTo(horizon.UtcTicks);
            return byTicks > 0 || (byTicks == 0 && time.SubTickNanoseconds > subTick);
        };
    }
}
