using System.Globalization;
using System.Text.RegularExpressions;

namespace Granary.DevCluster.Api.Resources;

/// <summary>
/// Orders API versions: v2 after v1, v1 after v1beta2, v1beta1 after v1alpha1, the rest by name before all.
/// </summary>
internal sealed partial class VersionOrder : IComparer<string>
{
    public static readonly VersionOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Rank(x ?? string.Empty), Rank(y ?? string.Empty));
        return left is null && right is null ? string.CompareOrdinal(y, x)
            : left is null ? -1
            : right is null ? 1
            : left.Value.CompareTo(right.Value);
    }

    private static (int Stage, int Major, int Minor)? Rank(string version)
    {
        var match = Pattern().Match(version);
        if (!match.Success)
        {
            return null;
        }

        var stage = match.Groups["stage"].Value switch
        {
            "alpha" => 0,
            "beta" => 1,
            _ => 2,
        };
        var minor = match.Groups["minor"].Value;
        return (
            stage,
            int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture),
            minor.Length == 0 ? 0 : int.Parse(minor, CultureInfo.InvariantCulture)
        );
    }

    [GeneratedRegex("^v(?<major>[0-9]+)((?<stage>alpha|beta)(?<minor>[0-9]+))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();
}
