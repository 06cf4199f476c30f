using System.Text.RegularExpressions;
using Granary.TestSupport;

namespace Granary.Api.Tests.Structure;

/// <summary>What <c>docs/architecture.md</c> draws: arrows between projects, orders of namespaces.</summary>
internal static partial class Drawing
{
    private const string NothingOfOurs = "nothing of ours";

    /// <summary>The whole page.</summary>
    public static string Text { get; } = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "architecture.md"));

    /// <summary>The projects that each project may use.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> Arrows { get; } = ReadArrows();

    /// <summary>By project, the namespaces below its root in order; those in one group do not use each other.</summary>
    /// <remarks>One that stands in another may be named too, after a dot, where it has a place of its own.</remarks>
    public static IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<string>>> Orders { get; } =
        Lines("order")
            .Select(line => line.Split(": ", 2))
            .ToDictionary(
                parts => parts[0],
                parts =>
                    (IReadOnlyList<IReadOnlyList<string>>)
                        [.. parts[1].Split('<').Select(group => (IReadOnlyList<string>)Names(group))],
                StringComparer.Ordinal
            );

    private static Dictionary<string, IReadOnlySet<string>> ReadArrows()
    {
        var arrows = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var line in Lines("arrows"))
        {
            var sides = line.Split('→');
            if (sides.Length != 2)
            {
                throw new FormatException($"\"{line}\" is not an arrow");
            }

            foreach (var from in Names(sides[0]))
            {
                if (!arrows.TryGetValue(from, out var targets))
                {
                    arrows[from] = targets = new HashSet<string>(StringComparer.Ordinal);
                }

                targets.UnionWith(Names(sides[1]).Where(to => to != NothingOfOurs));
            }
        }

        return arrows.ToDictionary(pair => pair.Key, pair => (IReadOnlySet<string>)pair.Value, StringComparer.Ordinal);
    }

    private static IEnumerable<string> Lines(string block)
    {
        var found = Block().Matches(Text).Single(match => match.Groups["kind"].Value == block);
        // A line that is set in continues the one above.
        return found
            .Groups["lines"]
            .Value.Replace("\n  ", " ", StringComparison.Ordinal)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string[] Names(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    [GeneratedRegex(
        @"^```(?<kind>\w+)\n(?<lines>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Block();
}
