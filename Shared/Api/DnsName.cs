using System.Text.RegularExpressions;

namespace Granary.Api;

/// <summary>What Kubernetes takes as the name of an object: a DNS label or a DNS subdomain (RFC 1123).</summary>
/// <remarks>
/// A reference that is no such name can be of no object. It may be a path instead, so no request is made with it.
/// The patterns let empty text pass: an absent reference means the default, and the validators say where one is needed.
/// </remarks>
public static partial class DnsName
{
    /// <summary>The most characters of a namespace.</summary>
    public const int MaxLabel = 63;

    /// <summary>The most characters of an object's name.</summary>
    public const int MaxSubdomain = 253;

    /// <summary>A namespace, or nothing.</summary>
    public const string LabelPattern = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$";

    /// <summary>An object's name, or nothing.</summary>
    public const string SubdomainPattern = @"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$";

    /// <summary>A kind, or nothing.</summary>
    public const string KindPattern = "^([A-Za-z][A-Za-z0-9]*)?$";

    /// <summary>Whether text can be the name of a namespace.</summary>
    public static bool IsLabel(string? text) => text is { Length: > 0 and <= MaxLabel } && Label().IsMatch(text);

    /// <summary>Whether text can be the name of an object.</summary>
    public static bool IsSubdomain(string? text) =>
        text is { Length: > 0 and <= MaxSubdomain } && Subdomain().IsMatch(text);

    /// <summary>The start of text that may be anything, fit for a message: one line, no control characters.</summary>
    public static string Shown(string? text)
    {
        const int most = 60;
        var line = string.Concat((text ?? "").Take(most).Select(one => char.IsControl(one) ? '?' : one));
        return text?.Length > most ? line + "…" : line;
    }

    // \z and not $: a line break at the end must not pass.
    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Label();

    [GeneratedRegex(
        @"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Subdomain();
}
