using Granary.Engine.Records;

namespace Granary.Engine.Retention;

/// <summary>Which snapshots of a group are kept. Source: repository format §12.</summary>
/// <remarks>A count of 0 means "not set", <see cref="Unlimited"/> keeps one in every bucket.</remarks>
public sealed record RetentionPolicy
{
    /// <summary>A count without an end.</summary>
    public const int Unlimited = -1;

    /// <summary>Keep the newest n.</summary>
    public int Last { get; init; }

    /// <summary>Keep the newest of each of n hours that have one.</summary>
    public int Hourly { get; init; }

    /// <summary>Keep the newest of each of n days that have one.</summary>
    public int Daily { get; init; }

    /// <summary>Keep the newest of each of n ISO weeks that have one.</summary>
    public int Weekly { get; init; }

    /// <summary>Keep the newest of each of n months that have one.</summary>
    public int Monthly { get; init; }

    /// <summary>Keep the newest of each of n years that have one.</summary>
    public int Yearly { get; init; }

    /// <summary>Keep all that are younger than this before the latest.</summary>
    public CalendarSpan Within { get; init; }

    /// <summary>Keep the newest of each hour within this.</summary>
    public CalendarSpan WithinHourly { get; init; }

    /// <summary>Keep the newest of each day within this.</summary>
    public CalendarSpan WithinDaily { get; init; }

    /// <summary>Keep the newest of each ISO week within this.</summary>
    public CalendarSpan WithinWeekly { get; init; }

    /// <summary>Keep the newest of each month within this.</summary>
    public CalendarSpan WithinMonthly { get; init; }

    /// <summary>Keep the newest of each year within this.</summary>
    public CalendarSpan WithinYearly { get; init; }

    /// <summary>
    /// Keep all that have every tag of one of these lists; the empty tag matches snapshots without tags.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Tags { get; init; } = [];

    /// <summary>Whether nothing is set. Such a policy would keep nothing, so it is refused.</summary>
    public bool IsEmpty =>
        Last == 0
        && Hourly == 0
        && Daily == 0
        && Weekly == 0
        && Monthly == 0
        && Yearly == 0
        && Within.IsZero
        && WithinHourly.IsZero
        && WithinDaily.IsZero
        && WithinWeekly.IsZero
        && WithinMonthly.IsZero
        && WithinYearly.IsZero
        && Tags.Count == 0;

    /// <summary>Decides for one group of snapshots.</summary>
    /// <param name="snapshots">The group, in any order.</param>
    /// <param name="timeOf">A snapshot's time.</param>
    /// <param name="tagsOf">A snapshot's tags.</param>
    /// <param name="now">Snapshots at or after this instant do not count as the latest.</param>
    /// <returns>The group newest first, each with the reasons to keep it; no reason means remove.</returns>
    public IReadOnlyList<RetentionVerdict<T>> Apply<T>(
        IEnumerable<T> snapshots,
        Func<T, Timestamp> timeOf,
        Func<T, IReadOnlyList<string>> tagsOf,
        DateTimeOffset now
    )
    {
        T[] newestFirst = [.. snapshots.OrderByDescending(timeOf)];
        Timestamp[] past = [.. newestFirst.Select(timeOf).Where(time => time.Value < now)];
        RetentionRule[] rules = RetentionRule.Of(this, past.Length == 0 ? null : past[0]);
        var verdicts = new RetentionVerdict<T>[newestFirst.Length];
        for (int position = 0; position < newestFirst.Length; position++)
        {
            T snapshot = newestFirst[position];
            Timestamp time = timeOf(snapshot);
            bool isOldest = position == newestFirst.Length - 1;
            List<string> reasons =
            [
                .. Tags.Where(list => HasTags(tagsOf(snapshot), list))
                    .Select(list => $"has tags [{string.Join(", ", list)}]"),
            ];
            reasons.AddRange(rules.Select(rule => rule.Visit(time, position, isOldest)).OfType<string>());
            verdicts[position] = new RetentionVerdict<T>(snapshot, reasons);
        }

        return verdicts;
    }

    private static bool HasTags(IReadOnlyList<string> tags, IReadOnlyList<string> wanted)
    {
        foreach (string tag in wanted)
        {
            if (tag.Length == 0 && tags.Count == 0)
            {
                return true;
            }

            if (!tags.Contains(tag, StringComparer.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The verdict of a policy on one snapshot.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Reasons">Why it is kept, in restic's words; empty when it is to be removed.</param>
public sealed record RetentionVerdict<T>(T Snapshot, IReadOnlyList<string> Reasons)
{
    /// <summary>Whether it is kept.</summary>
    public bool IsKept => Reasons.Count > 0;
}
