using System.CommandLine;
using System.Globalization;
using Granary.Engine.Retention;

namespace Granary.Worker.Commands.Flags;

/// <summary>The flags of a retention policy; the same as restic's.</summary>
internal sealed class RetentionOptions
{
    private static readonly (string Name, string Short)[] Counts =
    [
        ("last", "-l"),
        ("hourly", "-H"),
        ("daily", "-d"),
        ("weekly", "-w"),
        ("monthly", "-m"),
        ("yearly", "-y"),
    ];
    private static readonly string[] Spans =
    [
        "within",
        "within-hourly",
        "within-daily",
        "within-weekly",
        "within-monthly",
        "within-yearly",
    ];

    private readonly Dictionary<string, Option<string>> _counts = Counts.ToDictionary(
        each => each.Name,
        each => Flag.Text($"--keep-{each.Name}", $"Keep this many {each.Name} snapshots, or unlimited.", "", each.Short)
    );

    private readonly Dictionary<string, Option<string>> _spans = Spans.ToDictionary(
        name => name,
        name => Flag.Text($"--keep-{name}", "Keep snapshots of this span before the latest, as 1y6m or 36h.")
    );

    private readonly Option<string[]> _tags = Flag.Texts(
        "--keep-tag",
        "Keep snapshots with all of these tags, separated by commas."
    );
    private readonly Option<string> _groupBy = Flag.Text(
        "--group-by",
        "What makes a group: host, paths and tags, separated by commas; none, or an empty value, for one group.",
        "host,paths",
        "-g"
    );

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in _counts.Values.Concat(_spans.Values))
        {
            command.Options.Add(option);
        }

        command.Options.Add(_tags);
        command.Options.Add(_groupBy);
    }

    /// <summary>The policy that the flags say.</summary>
    /// <exception cref="StepFailedException">A value is no count or span.</exception>
    public RetentionPolicy Policy(ParseResult parsed) =>
        new()
        {
            Last = Count(parsed, "last"),
            Hourly = Count(parsed, "hourly"),
            Daily = Count(parsed, "daily"),
            Weekly = Count(parsed, "weekly"),
            Monthly = Count(parsed, "monthly"),
            Yearly = Count(parsed, "yearly"),
            Within = Span(parsed, "within"),
            WithinHourly = Span(parsed, "within-hourly"),
            WithinDaily = Span(parsed, "within-daily"),
            WithinWeekly = Span(parsed, "within-weekly"),
            WithinMonthly = Span(parsed, "within-monthly"),
            WithinYearly = Span(parsed, "within-yearly"),
            Tags = Flag.TagLists(parsed, _tags),
        };

    /// <summary>The grouping that the flags say.</summary>
    /// <exception cref="StepFailedException">A word is not known.</exception>
    public SnapshotGrouping Grouping(ParseResult parsed) =>
        (parsed.GetValue(_groupBy) ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Aggregate(SnapshotGrouping.None, (grouping, word) => grouping
                | word switch
                {
                    "host" or "hosts" => SnapshotGrouping.Host,
                    "path" or "paths" => SnapshotGrouping.Paths,
                    "tag" or "tags" => SnapshotGrouping.Tags,
                    "none" => SnapshotGrouping.None,
                    _ => throw new StepFailedException($"--group-by knows host, paths, tags and none, not '{word}'"),
                });

    private int Count(ParseResult parsed, string name)
    {
        var text = parsed.GetValue(_counts[name]) ?? "";
        return text.Length == 0 ? 0
            : text is "unlimited" or "-1" ? RetentionPolicy.Unlimited
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
            : throw new StepFailedException($"--keep-{name} is '{text}'; it must be a whole number or unlimited");
    }

    private CalendarSpan Span(ParseResult parsed, string name)
    {
        try
        {
            return CalendarSpan.Parse(parsed.GetValue(_spans[name]) ?? "");
        }
        catch (FormatException e)
        {
            throw new StepFailedException($"--keep-{name}: {e.Message}");
        }
    }
}
