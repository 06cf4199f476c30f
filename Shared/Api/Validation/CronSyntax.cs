using Cronos;

namespace Granary.Api.Validation;

/// <summary>Cron expressions as a Kubernetes CronJob accepts them.</summary>
/// <remarks>
/// Five fields, or one of the macros, or <c>@every</c> with a duration. The dialect is narrower than Cronos': no
/// seconds, no <c>L</c>, <c>W</c> and <c>#</c>, Sunday is 0 and not 7, a range does not wrap, and a time zone cannot be
/// named. Source: Kubernetes' CronJob reference, "Schedule syntax" and "Time zones".
/// </remarks>
public static class CronSyntax
{
    private static readonly HashSet<string> Macros = new(StringComparer.Ordinal)
    {
        "@yearly",
        "@annually",
        "@monthly",
        "@weekly",
        "@daily",
        "@midnight",
        "@hourly",
    };

    private static readonly string[] MonthNames =
    [
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
    ];

    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly Field[] Fields =
    [
        new("minute", 0, 59, []),
        new("hour", 0, 23, []),
        new("day of month", 1, 31, []),
        new("month", 1, 12, MonthNames),
        new("day of week", 0, 6, DayNames),
    ];

    /// <summary>Says what is wrong with an expression, or null when Kubernetes accepts it and it ever fires.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="now">From when on it has to fire.</param>
    public static string? Problem(string expression, DateTimeOffset now)
    {
        if (expression.Contains("TZ", StringComparison.Ordinal))
        {
            return "a time zone (TZ or CRON_TZ) cannot be named in a schedule";
        }

        if (expression.StartsWith('@'))
        {
            return MacroProblem(expression);
        }

        var fields = expression.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Fields.Length)
        {
            return $"expected 5 fields (minute, hour, day of month, month, day of week), found {fields.Length}";
        }

        for (var i = 0; i < fields.Length; i++)
        {
            foreach (var part in fields[i].Split(','))
            {
                if (!Fields[i].Accepts(part))
                {
                    return $"\"{part}\" is not a {Fields[i].Name} ({Fields[i].Minimum} to {Fields[i].Maximum})";
                }
            }
        }

        // Kubernetes reads ? as *; Cronos knows it in the two day fields only.
        return
            CronExpression.TryParse(string.Join(' ', fields).Replace('?', '*'), out var cron)
            && cron.GetNextOccurrence(now.UtcDateTime) is null
            ? "the schedule never fires"
            : null;
    }

    private static string? MacroProblem(string expression)
    {
        const string every = "@every ";
        if (expression.StartsWith(every, StringComparison.Ordinal))
        {
            return GoDuration.TryParse(expression[every.Length..], out var interval) && interval > TimeSpan.Zero
                ? null
                : "@every needs a positive duration such as 1h30m";
        }

        return Macros.Contains(expression)
            ? null
            : $"unknown macro; known are {string.Join(", ", Macros.Order(StringComparer.Ordinal))} and @every "
                + "<duration>";
    }

    /// <summary>
    /// One field of an expression. Its parts are <c>*</c>, <c>n</c>, <c>n-m</c>, each with an optional <c>/step</c>.
    /// </summary>
    private sealed record Field(string Name, int Minimum, int Maximum, string[] Names)
    {
        public bool Accepts(string part)
        {
            var range = part;
            if (part.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash)
            {
                range = part[..slash];
                if (!IsDigits(part[(slash + 1)..]) || !int.TryParse(part[(slash + 1)..], out var step) || step < 1)
                {
                    return false;
                }
            }

            return range is "*" or "?"
                || range.Split('-') switch
                {
                    [var single] => Value(single) is not null,
                    [var from, var to] => Value(from) is { } first && Value(to) is { } last && first <= last,
                    _ => false,
                };
        }

        private int? Value(string text)
        {
            var named = Array.FindIndex(Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
            var value =
                named >= 0 ? named + Minimum
                : IsDigits(text) && int.TryParse(text, out var number) ? number
                : -1;
            return value >= Minimum && value <= Maximum ? value : null;
        }

        private static bool IsDigits(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);
    }
}
