using System.Text;
using System.Text.RegularExpressions;

namespace Granary.Worker.Postgres.Restoring.Scripts;

/// <summary>
/// Reads the <c>\connect</c> lines that pg_dump and pg_dumpall write: a database's name, plain or quoted, or for a name
/// with other characters <c>-reuse-previous=on "dbname='…'"</c>.
/// </summary>
internal static partial class ConnectLine
{
    /// <summary>The database that a line goes to.</summary>
    /// <returns>Null for anything else, as another server or user: psql refuses it.</returns>
    public static string? DatabaseOf(string line)
    {
        line = line.TrimEnd('\n', '\r');
        if (Plain().Match(line) is { Success: true } plain)
        {
            return plain.Groups["name"].Value;
        }

        if (Quoted().Match(line) is not { Success: true } quoted)
        {
            return null;
        }

        var text = quoted.Groups["name"].Value.Replace("\"\"", "\"", StringComparison.Ordinal);
        if (!quoted.Groups["reuse"].Success)
        {
            // A name that looks like a connection string would be read as one.
            return text.Length == 0 || ToolArguments.IsConnectionString(text) ? null : text;
        }

        return Parameter().Match(text) is { Success: true } parameter
            ? Unescaped(parameter.Groups["quoted"], parameter.Groups["bare"])
            : null;
    }

    private static string Unescaped(Group quoted, Group bare)
    {
        if (bare.Success)
        {
            return bare.Value;
        }

        var name = new StringBuilder();
        for (var i = 0; i < quoted.Value.Length; i++)
        {
            name.Append(quoted.Value[i] == '\\' ? quoted.Value[++i] : quoted.Value[i]);
        }

        return name.ToString();
    }

    [GeneratedRegex(@"^\\connect (?<name>[a-zA-Z0-9_.]+)\s*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Plain();

    [GeneratedRegex(
        @"^\\connect (?<reuse>-reuse-previous=on )?""(?<name>([^""]|"""")*)""\s*$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Quoted();

    [GeneratedRegex(
        @"^dbname=('(?<quoted>([^'\\]|\\.)+)'|(?<bare>[a-zA-Z0-9_.-]+))$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Parameter();
}
