using System.Text.RegularExpressions;
using Granary.TestSupport;

namespace Granary.Api.Tests;

/// <summary>
/// Every section that a comment cites is in docs/specifications, and every decision in docs/decisions.
/// </summary>
public sealed partial class CitationTests
{
    private static readonly string[] Rooms = ["Operator", "Shared", "Worker", "test", "tools"];

    /// <summary>Rooms whose sections without a document's name are the repository format's.</summary>
    private static readonly string[] FormatRooms =
    [
        "Worker/Engine/",
        "Worker/Storage/",
        "Worker/Access/",
        "test/Engine.Tests/",
        "test/Interop.Tests/",
        "test/Faults.Tests/",
    ];

    [Fact]
    public void Every_cited_section_is_in_the_specification_that_it_names()
    {
        var sections = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal)
        {
            ["repository format"] = SectionsOf("restic-format.md"),
            ["stash-behaviour"] = SectionsOf("stash-behaviour.md"),
        };
        var missing = new List<string>();
        var found = 0;

        foreach (var (file, text) in Sources())
        {
            var source = FormatRooms.Any(room => file.StartsWith(room, StringComparison.Ordinal))
                ? "repository format"
                : "stash-behaviour";
            foreach (Match comment in CommentBlock().Matches(text))
            {
                var words = CommentMark().Replace(comment.Value, " ");
                var current = source;
                foreach (Match part in SourceOrSection().Matches(words))
                {
                    if (part.Groups["section"] is not { Success: true } section)
                    {
                        current = Spaces().Replace(part.Value, " ");
                        continue;
                    }

                    found++;
                    if (!sections[current].Contains(section.Value))
                    {
                        missing.Add($"{file} cites {current} §{section.Value}");
                    }
                }
            }
        }

        Assert.Empty(missing);
        Assert.True(found > 100, $"Only {found} citations were found: the search itself is broken.");
    }

    [Fact]
    public void Every_cited_decision_about_Stash_has_its_row()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs/decisions/0011-stash-contradictions.md"));
        var rows = TableRow().Matches(page).SelectMany(row => StashDecision().Matches(row.Value)).ToList();
        var decided = rows.Select(row => row.Value).ToHashSet(StringComparer.Ordinal);

        Assert.Superset(Enumerable.Range(1, 27).Select(number => $"D{number}").ToHashSet(), decided);
        Assert.All(
            Sources()
                .SelectMany(source => CommentBlock().Matches(source.Text))
                .SelectMany(comment => StashDecision().Matches(comment.Value))
                .Select(match => match.Value),
            cited => Assert.Contains(cited, decided)
        );
    }

    /// <summary>Numbers of headings, and of the points of lists: the third point of section 4 is 4.3.</summary>
    private static HashSet<string> SectionsOf(string file)
    {
        var sections = new HashSet<string>(StringComparer.Ordinal);
        var section = "";
        foreach (var line in File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs/specifications", file)))
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                section = heading.Groups["number"].Value;
                sections.Add(section);
            }
            else if (section.Length > 0)
            {
                foreach (Match point in Point().Matches(line))
                {
                    sections.Add($"{section}.{point.Groups["number"].Value}");
                }
            }
        }

        return sections;
    }

    private static IEnumerable<(string File, string Text)> Sources() =>
        Rooms
            .SelectMany(room =>
                Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, room), "*.cs", SearchOption.AllDirectories)
            )
            .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file).Replace('\\', '/'))
            .Where(file =>
                !file.Contains("/obj/") && !file.Contains("/bin/") && Path.GetFileName(file) != "CitationTests.cs"
            )
            .Select(file => (file, File.ReadAllText(Path.Combine(RepositoryRoot.Path, file))));

    [GeneratedRegex(@"(?:^[^\S\n]*//.*\n?)+|(?<=\S[^\S\n]+)//.*$", RegexOptions.Multiline, 5000)]
    private static partial Regex CommentBlock();

    [GeneratedRegex(@"^\s*///?", RegexOptions.Multiline, 5000)]
    private static partial Regex CommentMark();

    [GeneratedRegex(
        @"repository\s+format|stash-behaviour|§\s?(?<section>\d+(?:\.\d+)*)",
        RegexOptions.ExplicitCapture,
        5000
    )]
    private static partial Regex SourceOrSection();

    [GeneratedRegex(@"^#{2,3} (?<number>\d+(?:\.\d+)*)\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"(?:^|[\s*])(?<number>\d{1,2})\. ", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Point();

    [GeneratedRegex(@"\s+", RegexOptions.None, 5000)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^\| (?:D\d+(?:, )?)+ \|", RegexOptions.Multiline, 5000)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"\bD[1-9]\d?\b", RegexOptions.None, 5000)]
    private static partial Regex StashDecision();
}
