using System.Text.RegularExpressions;
using Granary.TestSupport;

namespace Granary.Engine.Tests;

/// <summary>The engine's folders are ordered, and a folder uses only those before it.</summary>
public sealed partial class FolderOrderTests
{
    private static readonly string[][] Order =
    [
        ["Ids"],
        ["Crypto"],
        ["Compression"],
        ["Chunking"],
        ["Records"],
        ["Packing"],
        ["Indexing"],
        ["Repositories"],
        ["Archiving", "Restoring", "Maintenance"],
        ["Retention", "Checking"],
        ["Pruning"],
    ];

    [Fact]
    public void No_folder_uses_one_that_comes_later_or_stands_beside_it()
    {
        var engine = Path.Combine(RepositoryRoot.Path, "Worker", "Engine");
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(engine, "*.cs", SearchOption.AllDirectories))
        {
            var parts = Path.GetRelativePath(engine, file).Split(Path.DirectorySeparatorChar);
            if (parts.Length < 2 || parts[0] is "bin" or "obj")
            {
                continue;
            }

            wrong.AddRange(
                Uses(file)
                    .Where(used => used != parts[0] && Rank(used) >= Rank(parts[0]))
                    .Select(used => $"{string.Join('/', parts)} uses {used}")
            );
        }

        Assert.Empty(wrong);
    }

    private static int Rank(string folder)
    {
        var rank = Array.FindIndex(Order, level => level.Contains(folder));
        return rank >= 0
            ? rank
            : throw new ArgumentException($"The folder {folder} has no place in the order.", nameof(folder));
    }

    private static IEnumerable<string> Uses(string file) =>
        Using().Matches(File.ReadAllText(file)).Select(match => match.Groups["folder"].Value);

    [GeneratedRegex(
        @"^using Granary\.Engine\.(?<folder>\w+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Using();
}
