using System.Text;

namespace Granary.Manifests.Reference;

/// <summary>What the programs say of their own flags: one text for each command, as it was printed.</summary>
internal static class HelpPages
{
    public static void AddTo(ManifestFiles files, DirectoryInfo texts)
    {
        files.AddPage(
            "docs/reference/operator-options.md",
            "# Options of the operator\n\nA flag, or the variable that stands behind it.\n\n"
                + Block(File.ReadAllText(Path.Combine(texts.FullName, "operator.txt")))
        );
        var page = new StringBuilder("# Commands of the worker\n");
        foreach (
            var file in Directory
                .EnumerateFiles(Path.Combine(texts.FullName, "worker"), "*.txt")
                .Order(StringComparer.Ordinal)
        )
        {
            page.Append($"\n## {Path.GetFileNameWithoutExtension(file)}\n\n{Block(File.ReadAllText(file))}");
        }

        files.AddPage("docs/reference/commands.md", page.ToString());
    }

    private static string Block(string text) =>
        $"```text\n{string.Join('\n', text.Trim().Split('\n').Select(line => line.TrimEnd()))}\n```\n";
}
