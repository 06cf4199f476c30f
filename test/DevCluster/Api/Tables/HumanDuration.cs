using System.Globalization;

namespace Granary.DevCluster.Api.Tables;

/// <summary>Durations as kubectl shows them: two units at most, coarser the longer.</summary>
internal static class HumanDuration
{
    public const string Unknown = "<unknown>";

    /// <summary>Time since a stamp, <c>&lt;unknown&gt;</c> when there is none.</summary>
    public static string Since(string? stamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Format(now - time)
            : Unknown;

    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds < -1)
        {
            return "<invalid>";
        }

        seconds = Math.Max(0, seconds);
        var minutes = seconds / 60;
        var hours = seconds / 3600;
        var days = hours / 24;
        return seconds < 120 ? $"{seconds}s"
            : minutes < 10 ? Two(minutes, "m", seconds % 60, "s")
            : minutes < 180 ? $"{minutes}m"
            : hours < 8 ? Two(hours, "h", minutes % 60, "m")
            : hours < 48 ? $"{hours}h"
            : hours < 192 ? Two(days, "d", hours % 24, "h")
            : days < 730 ? $"{days}d"
            : days < 2920 ? Two(days / 365, "y", days % 365, "d")
            : $"{days / 365}y";
    }

    private static string Two(long major, string majorUnit, long minor, string minorUnit) =>
        minor == 0 ? $"{major}{majorUnit}" : $"{major}{majorUnit}{minor}{minorUnit}";
}
