using System.Text.RegularExpressions;

namespace Granary.DevCluster.Api.Strategies;

/// <summary>What names objects may have. Each rule returns the complaint, or null.</summary>
internal static partial class NameRules
{
    private const string LabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainPattern = @"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
    private const string ServicePattern = "[a-z]([-a-z0-9]*[a-z0-9])?";

    public static string? Subdomain(string name) =>
        name.Length > 253 ? "must be no more than 253 characters"
        : SubdomainRegex().IsMatch(name) ? null
        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
            + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
            + $"'{SubdomainPattern}')";

    public static string? Label(string name) =>
        name.Length > 63 ? "must be no more than 63 characters"
        : LabelRegex().IsMatch(name) ? null
        : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
            + "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
            + $"'{LabelPattern}')";

    public static string? Service(string name) =>
        name.Length > 63 ? "must be no more than 63 characters"
        : ServiceRegex().IsMatch(name) ? null
        : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
            + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
            + $"validation is '{ServicePattern}')";

    /// <summary>Anything that can be one step of a path, as the names of roles.</summary>
    public static string? PathSegment(string name) =>
        name is "." or ".." ? $"may not be '{name}'"
        : name.Contains('/') ? "may not contain '/'"
        : name.Contains('%') ? "may not contain '%'"
        : null;

    [GeneratedRegex($"^{SubdomainPattern}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SubdomainRegex();

    [GeneratedRegex($"^{LabelPattern}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelRegex();

    [GeneratedRegex($"^{ServicePattern}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServiceRegex();
}
