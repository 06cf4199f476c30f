using System.Text.RegularExpressions;
using Granary.TestSupport;

namespace Granary.Api.Tests.Structure;

/// <summary>What a file of code says about where it belongs and what it uses.</summary>
/// <param name="Path">From the repository's root, with slashes.</param>
/// <param name="Namespace">Null in files of top-level statements and of global usings.</param>
/// <param name="Usings">Namespaces and types that its using directives name.</param>
internal sealed partial record SourceFile(string Path, string? Namespace, IReadOnlyList<string> Usings)
{
    public static SourceFile Read(string path)
    {
        var text = File.ReadAllText(System.IO.Path.Combine(RepositoryRoot.Path, path));
        var declared = Declaration().Match(text);
        // Raw strings hold sources for the compiler's tests; their usings stand further in, or below the namespace.
        var head = declared.Success ? text[..declared.Index] : text;
        return new SourceFile(
            path,
            declared.Success ? declared.Groups["name"].Value : null,
            [.. Using().Matches(head).Select(match => match.Groups["name"].Value)]
        );
    }

    [GeneratedRegex(
        @"^namespace (?<name>[\w.]+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Declaration();

    [GeneratedRegex(
        @"^(global )?using (static )?(\w+ = )?(?<name>[\w.]+);",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Using();
}
