using System.Globalization;
using Cronos;

namespace Granary.DevCluster.Controllers.CronJobs;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>90s</c>.</summary>
internal static class GoDuration
{
    public static TimeSpan Parse(string text)
    {
        var total = 0.0;
        var rest = text.Trim();
        while (rest.Length > 0)
        {
            var digits = rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
            var unit = new string([.. rest.Skip(digits).TakeWhile(char.IsAsciiLetter)]);
            if (digits == 0 || !double.TryParse(rest[..digits], CultureInfo.InvariantCulture, out var value))
            {
                throw new CronFormatException($"failed to parse duration {text}");
            }

            total +=
                value
                * unit switch
                {
                    "ms" => 0.001,
                    "s" => 1,
                    "m" => 60,
                    "h" => 3600,
                    _ => throw new CronFormatException($"failed to parse duration {text}"),
                };
            rest = rest[(digits + unit.Length)..];
        }

        return TimeSpan.FromSeconds(Math.Max(1, total));
    }
}
