using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeOps.Transpiler.Schemas;

/// <summary>
/// Sorts API versions as Kubernetes does: stable before beta before alpha, higher numbers first, other names last.
/// </summary>
internal sealed partial class VersionPriority : IComparer<string>
{
    /// <summary>Newest first.</summary>
    public static VersionPriority NewestFirst { get; } = new();

    /// <inheritdoc />
    public int Compare(string? x, string? y)
    {
        var (a, b) = (Rank(x), Rank(y));
        return a.Stability != b.Stability ? b.Stability.CompareTo(a.Stability)
            : a.Major != b.Major ? b.Major.CompareTo(a.Major)
            : a.Minor != b.Minor ? b.Minor.CompareTo(a.Minor)
            : string.CompareOrdinal(x, y);
    }

    private static (int Stability, int Major, int Minor) Rank(string? version)
    {
        var match = Form().Match(version ?? string.Empty);
        if (!match.Success)
        {
            return (0, 0, 0);
        }

        var stability = match.Groups["stage"].Value switch
        {
            "alpha" => 1,
            "beta" => 2,
            _ => 3,
        };
        return (stability, Number(match.Groups["major"]), Number(match.Groups["minor"]));
    }

    private static int Number(Group group) =>
        int.TryParse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(
        "^v(?<major>[0-9]+)((?<stage>alpha|beta)(?<minor>[0-9]+))?$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Form();
}
