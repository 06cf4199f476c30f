using System.Globalization;
using System.Text;
using Granary.Engine.Records;

namespace Granary.Engine.Retention;

/// <summary>Years, months, days and hours, as retention counts them back from the latest snapshot.</summary>
/// <remarks>Shape: concatenated <c>&lt;number&gt;&lt;y|m|d|h&gt;</c>. Source: repository format §12.4.</remarks>
public readonly record struct CalendarSpan(int Years, int Months, int Days, int Hours)
{
    /// <summary>Whether nothing is counted back, which means "not set".</summary>
    public bool IsZero => this == default;

    /// <summary>Reads <c>1y2m3d4h</c>; each unit at most once counts (the last one wins, as in restic).</summary>
    /// <exception cref="FormatException">A unit is unknown, a number is missing or negative.</exception>
    public static CalendarSpan Parse(string text)
    {
        int years = 0,
            months = 0,
            days = 0,
            hours = 0;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (
                digits <= 0
                || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            )
            {
                throw Malformed(text);
            }

            switch (rest[digits])
            {
                case 'y':
                    years = number;
                    break;
                case 'm':
                    months = number;
                    break;
                case 'd':
                    days = number;
                    break;
                case 'h':
                    hours = number;
                    break;
                default:
                    throw Malformed(text);
            }

            rest = rest[(digits + 1)..];
        }

        return new CalendarSpan(years, months, days, hours);
    }

    /// <summary>The instant that lies this span before a stored time, or null where that is before year 1.</summary>
    /// <remarks>
    /// Years, months and days are taken off the wall clock of the time's own offset. A day that the month does not have
    /// runs over into the next one (31 March − 1 month = 3 March). Hours are elapsed time.
    /// </remarks>
    public DateTimeOffset? Before(Timestamp time)
    {
        DateTimeOffset value = time.Value;
        // Wider than the numbers that are counted back: spans that mean "for ever" must not wrap round to a horizon in
        // the future.
        long month = (value.Year * 12L) + value.Month - 1 - (Years * 12L) - Months;
        if (month < 12)
        {
            return null;
        }

        var first = new DateTime((int)(month / 12), (int)(month % 12) + 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
        Int128 ticks =
            first.Ticks
            + ((Int128)(value.Day - 1L - Days) * TimeSpan.TicksPerDay)
            + value.TimeOfDay.Ticks
            - ((Int128)Hours * TimeSpan.TicksPerHour);
        return ticks < Math.Max(0, value.Offset.Ticks) ? null : new DateTimeOffset((long)ticks, value.Offset);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((int number, char unit) in ((int, char)[])[(Years, 'y'), (Months, 'm'), (Days, 'd'), (Hours, 'h')])
        {
            if (number != 0)
            {
                text.Append(number).Append(unit);
            }
        }

        return text.ToString();
    }

    private static FormatException Malformed(string text) =>
        new($"'{text}' is not a retention span: expected numbers with y, m, d or h, such as 1y6m or 36h.");
}
