using System.Text.RegularExpressions;
using Granary.TestSupport;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>A difference that is meant: where, and why.</summary>
/// <param name="Field">The place; <c>*</c> stands for anything.</param>
internal sealed record KnownDifference(string Recording, string Step, string Field, string Reason)
{
    public bool Covers(Difference found) =>
        Recording == found.Recording
        && (Step == "*" || Step == found.Step)
        && Regex.IsMatch(
            found.Field,
            "^" + Regex.Escape(Field).Replace("\\*", ".*", StringComparison.Ordinal) + "$",
            RegexOptions.None,
            TimeSpan.FromSeconds(1)
        );

    public override string ToString() => $"{Recording} {Step} {Field}";
}

/// <summary>Where an answer differs from the recorded one.</summary>
internal sealed record Difference(string Recording, string Step, string Field, string Expected, string Actual)
{
    public override string ToString() => $"{Recording} | {Step} | {Field} | expected {Expected} | actual {Actual}";
}

/// <summary>Reads the table of known differences from <c>docs/devcluster-differences.md</c>.</summary>
internal static class KnownDifferences
{
    public static IReadOnlyList<KnownDifference> Load()
    {
        var path = Path.Combine(RepositoryRoot.Path, "docs", "devcluster-differences.md");
        return
        [
            .. File.ReadLines(path)
                .Where(l => l.StartsWith("| `", StringComparison.Ordinal))
                .Select(l => l.Split('|', StringSplitOptions.TrimEntries)[1..^1])
                .Where(cells => cells.Length == 4)
                .Select(c => new KnownDifference(c[0].Trim('`'), c[1].Trim('`'), c[2].Trim('`'), c[3])),
        ];
    }
}
