using System.Text.RegularExpressions;

namespace Granary.Access;

/// <summary>Takes secrets out of text that tools, servers and providers wrote, before it is logged or stored.</summary>
/// <remarks>
/// Knows the secret values of this run. Knows also how PostgreSQL shows secrets that are not ours: a role's password or
/// its verifier, and the password inside a connection URL. Safe for concurrent use.
/// </remarks>
public sealed partial class Redactor
{
    /// <summary>The text in place of a secret.</summary>
    public const string Mark = "(redacted)";

    /// <summary>Shorter values are left alone: replacing every "a" hides nothing and makes text unreadable.</summary>
    private const int ShortestSecret = 4;

    private readonly Lock _gate = new();
    private volatile string[] _secrets = [];

    /// <summary>Adds a value that must never be seen. Null and very short values are ignored.</summary>
    public void Add(string? secret)
    {
        if (secret is null || secret.Trim().Length < ShortestSecret)
        {
            return;
        }

        var escaped = Uri.EscapeDataString(secret);
        lock (_gate)
        {
            // Longest first, so that a secret that contains another one goes as a whole.
            _secrets =
            [
                .. _secrets
                    .Append(secret)
                    .Append(secret.Trim())
                    .Append(escaped)
                    .Distinct()
                    .OrderByDescending(s => s.Length),
            ];
        }
    }

    /// <summary>Returns the text with everything secret replaced.</summary>
    public string Redact(string text)
    {
        foreach (var secret in _secrets)
        {
            text = text.Replace(secret, Mark, StringComparison.Ordinal);
        }

        text = PasswordClause().Replace(text, $"$1'{Mark}'");
        text = Verifier().Replace(text, Mark);
        text = UrlPassword().Replace(text, $"$1{Mark}@");
        return KeywordPassword().Replace(text, $"$1{Mark}");
    }

    [GeneratedRegex(
        @"(?<1>\bPASSWORD\s+)E?'(?:[^']|'')*'?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        1000
    )]
    private static partial Regex PasswordClause();

    [GeneratedRegex(@"SCRAM-SHA-256\$[^\s']+|\bmd5[0-9a-f]{32}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Verifier();

    [GeneratedRegex(
        @"(?<1>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@]+@",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        1000
    )]
    private static partial Regex UrlPassword();

    [GeneratedRegex(
        @"(?<1>\bpassword\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s']+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        1000
    )]
    private static partial Regex KeywordPassword();
}
