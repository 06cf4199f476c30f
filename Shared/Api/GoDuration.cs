using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Granary.Api;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>1m18s</c>, <c>831.018039ms</c>.</summary>
/// <remarks>
/// Resolution is that of <see cref="TimeSpan"/>, 100 ns; the range is Go's, a signed 64-bit number of nanoseconds.
/// Source: documentation of Go's <c>time.ParseDuration</c> and <c>Duration.String</c>.
/// </remarks>
public static class GoDuration
{
    private const decimal NanosecondsPerTick = 100;

    private static readonly (string Unit, decimal Nanoseconds)[] Units =
    [
        ("ns", 1m),
        ("us", 1_000m),
        ("\u00b5s", 1_000m), // micro sign
        ("\u03bcs", 1_000m), // Greek letter mu
        ("ms", 1_000_000m),
        ("s", 1_000_000_000m),
        ("m", 60_000_000_000m),
        ("h", 3_600_000_000_000m),
    ];

    /// <summary>Reads a duration.</summary>
    /// <exception cref="FormatException">The text is not a Go duration.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out var duration)
            ? duration
            : throw new FormatException($"\"{text}\" is not a duration such as 1h30m or 45s.");

    /// <summary>Reads a duration.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+')
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        var nanoseconds = 0m;
        while (!rest.IsEmpty)
        {
            if (!TryTakeNumber(ref rest, out var number) || !TryTakeUnit(ref rest, out var unit))
            {
                return false;
            }

            // Checked before multiplying, so that a decimal cannot overflow.
            if (number > long.MaxValue / unit)
            {
                return false;
            }

            nanoseconds += number * unit;
            if (nanoseconds > long.MaxValue)
            {
                return false;
            }
        }

        var ticks = (long)decimal.Truncate(nanoseconds / NanosecondsPerTick);
        duration = TimeSpan.FromTicks(negative ? -ticks : ticks);
        return true;
    }

    /// <summary>Writes a duration: hours, minutes and seconds from one second on, else the unit that fits.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var sign = duration < TimeSpan.Zero ? "-" : "";
        var nanoseconds = Math.Abs(duration.Ticks * NanosecondsPerTick);
        if (nanoseconds < 1_000_000_000m)
        {
            var (unit, size) = nanoseconds switch
            {
                < 1_000m => ("ns", 1m),
                < 1_000_000m => ("\u00b5s", 1_000m),
                _ => ("ms", 1_000_000m),
            };
            return $"{sign}{Plain(nanoseconds / size)}{unit}";
        }

        var hours = decimal.Truncate(nanoseconds / 3_600_000_000_000m);
        nanoseconds -= hours * 3_600_000_000_000m;
        var minutes = decimal.Truncate(nanoseconds / 60_000_000_000m);
        var seconds = (nanoseconds - (minutes * 60_000_000_000m)) / 1_000_000_000m;

        var text = new StringBuilder(sign);
        if (hours > 0)
        {
            text.Append(Plain(hours)).Append('h');
        }

        if (hours > 0 || minutes > 0)
        {
            text.Append(Plain(minutes)).Append('m');
        }

        return text.Append(Plain(seconds)).Append('s').ToString();
    }

    private static string Plain(decimal number) => number.ToString("0.#########", CultureInfo.InvariantCulture);

    private static bool TryTakeNumber(ref ReadOnlySpan<char> rest, out decimal number)
    {
        var length = 0;
        while (length < rest.Length && (char.IsAsciiDigit(rest[length]) || rest[length] == '.'))
        {
            length++;
        }

        var taken = rest[..length];
        rest = rest[length..];
        number = 0;
        return taken.IndexOfAnyInRange('0', '9') >= 0
            && decimal.TryParse(taken, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryTakeUnit(ref ReadOnlySpan<char> rest, out decimal nanoseconds)
    {
        var length = 0;
        while (length < rest.Length && !char.IsAsciiDigit(rest[length]) && rest[length] != '.')
        {
            length++;
        }

        var taken = rest[..length];
        rest = rest[length..];
        foreach (var (unit, size) in Units)
        {
            if (taken.SequenceEqual(unit))
            {
                nanoseconds = size;
                return true;
            }
        }

        nanoseconds = 0;
        return false;
    }
}
