namespace Granary.DevCluster.Api.Strategies.Workloads;

/// <summary>Checks a cron schedule and complains in the words of the parser that Kubernetes uses.</summary>
internal static class CronSchedule
{
    private static readonly string[] Macros =
    [
        "@yearly",
        "@annually",
        "@monthly",
        "@weekly",
        "@daily",
        "@midnight",
        "@hourly",
    ];

    private static readonly (int Least, int Most, string[] Names)[] Fields =
    [
        (0, 59, []),
        (0, 23, []),
        (1, 31, []),
        (1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        (0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    /// <returns>What is wrong, or null.</returns>
    public static string? Complaint(string schedule)
    {
        if (schedule.StartsWith('@'))
        {
            return
                Macros.Contains(schedule, StringComparer.Ordinal)
                || schedule.StartsWith("@every ", StringComparison.Ordinal)
                ? null
                : $"unrecognized descriptor: {schedule}";
        }

        var parts = schedule.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
        {
            return $"expected exactly 5 fields, found {parts.Length}: [{string.Join(' ', parts)}]";
        }

        return parts
            .SelectMany((p, i) => p.Split(',').Select(r => Range(r, Fields[i])))
            .FirstOrDefault(c => c is not null);
    }

    private static string? Range(string text, (int Least, int Most, string[] Names) field)
    {
        var slash = text.Split('/');
        if (slash.Length > 2)
        {
            return $"too many slashes: {text}";
        }

        var bounds = slash[0].Split('-');
        int start;
        int end;
        if (bounds[0] is "*" or "?")
        {
            (start, end) = (field.Least, field.Most);
        }
        else if (bounds.Length > 2)
        {
            return $"too many hyphens: {text}";
        }
        else
        {
            if (
                !Number(bounds[0], field, out start, out var complaint)
                | !Number(bounds[^1], field, out end, out var second)
            )
            {
                return complaint ?? second;
            }

            if (slash.Length == 2 && bounds.Length == 1)
            {
                end = field.Most;
            }
        }

        if (slash.Length == 2 && (!int.TryParse(slash[1], out var step) || step <= 0))
        {
            return step < 0 || !int.TryParse(slash[1], out _)
                ? $"failed to parse int from {slash[1]}: strconv.Atoi: parsing \"{slash[1]}\": invalid syntax"
                : $"step of range should be a positive number: {text}";
        }

        return start < field.Least ? $"beginning of range ({start}) below minimum ({field.Least}): {text}"
            : end > field.Most ? $"end of range ({end}) above maximum ({field.Most}): {text}"
            : start > end ? $"beginning of range ({start}) beyond end of range ({end}): {text}"
            : null;
    }

    private static bool Number(
        string text,
        (int Least, int Most, string[] Names) field,
        out int number,
        out string? complaint
    )
    {
        complaint = null;
        var named = Array.FindIndex(field.Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (named >= 0)
        {
            number = named + field.Least;
            return true;
        }

        if (int.TryParse(text, out number))
        {
            return true;
        }

        complaint = $"failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax";
        return false;
    }
}
