using System.Text.RegularExpressions;
using Granary.TestSupport;

namespace Granary.Api.Tests.Structure;

/// <summary>What a file of code says about where it belongs and what it uses.</summary>
/// <param name="Path">From the repository's root, with slashes.</param>
/// <param name="Namespace">Null in files of top-level statements and of global usings.</param>
/// <param name="Usings">Namespaces and types that its using directives name.</param>
/// <param name="Types">Names of the types that it declares.</param>
/// <param name="Names">Names that its code mentions and that may be those of types.</param>
internal sealed partial record SourceFile(
    string Path,
    string? Namespace,
    IReadOnlyList<string> Usings,
    IReadOnlySet<string> Types,
    IReadOnlySet<string> Names
)
{
    public static SourceFile Read(string path) =>
        Parse(path, File.ReadAllText(System.IO.Path.Combine(RepositoryRoot.Path, path)));

    public static SourceFile Parse(string path, string text)
    {
        var declared = Declaration().Match(text);
        // Raw strings hold sources for the compiler's tests; their usings stand further in, or below the namespace.
        var head = declared.Success ? text[..declared.Index] : text;
        var code = CommentOrText().Replace(declared.Success ? text[declared.Index..] : "", " ");
        return new SourceFile(
            path,
            declared.Success ? declared.Groups["name"].Value : null,
            NamesIn(Using().Matches(head)),
            NamesIn(TypeDeclaration().Matches(code)).ToHashSet(StringComparer.Ordinal),
            NamesIn(Mention().Matches(code)).ToHashSet(StringComparer.Ordinal)
        );
    }

    private static List<string> NamesIn(MatchCollection matches) =>
        [.. matches.Select(match => match.Groups["name"].Value)];

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

    [GeneratedRegex(
        """
            //[^\n]* | /\*.*?\*/ | "{3,}.*?"{3,} | (@|@\$|\$@)"([^"]|"")*" | "(\\.|[^"\\\n])*" | '(\\.|[^'\\\n])+'
            """,
        RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex CommentOrText();

    [GeneratedRegex(
        @"\b(class|struct|interface|enum|record|record struct|delegate [\w.<>?\[\]]+) (?<name>[A-Z]\w*)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex TypeDeclaration();

    /// <summary>A member of something, or a name that is given a value, is no type.</summary>
    [GeneratedRegex(
        @"(?<![.\w])(?<name>[A-Z]\w*)\b(?!\s*=[^=>])",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Mention();
}
