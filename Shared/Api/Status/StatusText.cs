using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Granary.Api.Status;

/// <summary>Sizes and times as status fields show them. Source: stash-behaviour §1.5.</summary>
public static class StatusText
{
    private static readonly (string Unit, double Bytes)[] SizeUnits =
    [
        ("TiB", 1L << 40),
        ("GiB", 1L << 30),
        ("MiB", 1L << 20),
        ("KiB", 1L << 10),
    ];

    /// <summary>
    /// A number of bytes: whole up to 1024, otherwise three decimals and a unit, such as <c>3.408 MiB</c>.
    /// </summary>
    public static string Size(long bytes)
    {
        foreach (var (unit, size) in SizeUnits)
        {
            if (bytes > size)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / size:F3} {unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
    }

    /// <summary>Reads what <see cref="Size"/> writes, as exactly as its decimals allow.</summary>
    public static bool TryParseSize([NotNullWhen(true)] string? text, out long bytes)
    {
        bytes = 0;
        if (
            text?.Split(' ') is not [var number, var unit]
            || !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
        )
        {
            return false;
        }

        var factor = unit == "B" ? 1 : SizeUnits.FirstOrDefault(known => known.Unit == unit).Bytes;
        bytes = (long)Math.Round(value * factor);
        return factor > 0;
    }

    /// <summary>A time as <c>m:ss</c>, from one hour on as <c>h:mm:ss</c>; fractions of a second are dropped.</summary>
    public static string ProcessingTime(TimeSpan time)
    {
        var (hours, minutes, seconds) = ((long)time.TotalHours, time.Minutes, time.Seconds);
        return hours > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{hours}:{minutes:D2}:{seconds:D2}")
            : string.Create(CultureInfo.InvariantCulture, $"{minutes}:{seconds:D2}");
    }

    /// <summary>Reads what <see cref="ProcessingTime"/> writes.</summary>
    public static bool TryParseProcessingTime([NotNullWhen(true)] string? text, out TimeSpan time)
    {
        time = default;
        var parts = text?.Split(':') ?? [];
        if (parts.Length is not (2 or 3))
        {
            return false;
        }

        var seconds = 0L;
        foreach (var part in parts)
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            seconds = (seconds * 60) + number;
        }

        time = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
