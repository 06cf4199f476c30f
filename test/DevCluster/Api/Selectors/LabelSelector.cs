using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Selectors;

/// <summary>
/// A selection by labels: of a query (<c>a=b,c in (d,e),!f</c>) or of an object (matchLabels, matchExpressions).
/// </summary>
internal sealed partial class LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    public bool IsEmpty => _requirements.Count == 0;

    /// <exception cref="ApiStatusException">400: the text is not a selector.</exception>
    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        var requirements = new List<Requirement>();
        foreach (var part in Comma().Split(text).Select(p => p.Trim()))
        {
            requirements.Add(
                ParseRequirement(part)
                    ?? throw ApiErrors.BadRequest(
                        $"unable to parse requirement: found '{part}', expected: a label selector"
                    )
            );
        }

        return new LabelSelector(requirements);
    }

    /// <summary>Reads a <c>LabelSelector</c> object; null selects nothing, an empty one everything.</summary>
    public static LabelSelector? FromObject(JsonObject? selector)
    {
        if (selector is null)
        {
            return null;
        }

        var requirements = new List<Requirement>();
        foreach (var (key, value) in selector.ObjectAt("matchLabels") ?? [])
        {
            requirements.Add(new Requirement(key, "In", [value?.GetValue<string>() ?? string.Empty]));
        }

        foreach (var expression in selector.ArrayAt("matchExpressions").Objects())
        {
            requirements.Add(
                new Requirement(
                    expression.TextAt("key") ?? string.Empty,
                    expression.TextAt("operator") ?? string.Empty,
                    [.. expression.ArrayAt("values").Texts()]
                )
            );
        }

        return new LabelSelector(requirements);
    }

    /// <summary>A selector of equal labels, as Services have.</summary>
    public static LabelSelector FromMap(JsonObject labels) =>
        new([.. labels.Select(l => new Requirement(l.Key, "In", [l.Value?.GetValue<string>() ?? string.Empty]))]);

    public bool Matches(JsonObject value) => MatchesLabels(value.ObjectAt("metadata", "labels"));

    public bool MatchesLabels(JsonObject? labels)
    {
        foreach (var requirement in _requirements)
        {
            var label = labels.TextAt(requirement.Key);
            var fits = requirement.Operator switch
            {
                "In" => label is not null && requirement.Values.Contains(label, StringComparer.Ordinal),
                "NotIn" => label is null || !requirement.Values.Contains(label, StringComparer.Ordinal),
                "Exists" => label is not null,
                "DoesNotExist" => label is null,
                _ => false,
            };
            if (!fits)
            {
                return false;
            }
        }

        return true;
    }

    private static Requirement? ParseRequirement(string text)
    {
        var set = InSet().Match(text);
        if (set.Success)
        {
            var values = set.Groups["values"].Value.Split(',').Select(v => v.Trim()).ToArray();
            return new Requirement(set.Groups["key"].Value, set.Groups["not"].Success ? "NotIn" : "In", values);
        }

        var equality = Equality().Match(text);
        if (equality.Success)
        {
            var not = equality.Groups["op"].Value.StartsWith('!');
            return new Requirement(
                equality.Groups["key"].Value,
                not ? "NotIn" : "In",
                [equality.Groups["value"].Value]
            );
        }

        var exists = Existence().Match(text);
        return exists.Success
            ? new Requirement(exists.Groups["key"].Value, exists.Groups["not"].Success ? "DoesNotExist" : "Exists", [])
            : null;
    }

    [GeneratedRegex(@",(?![^(]*\))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Comma();

    [GeneratedRegex(
        @"^(?<key>[A-Za-z0-9./_-]+)\s+(?<not>not)?(in|\s*in)\s*\((?<values>[^)]*)\)$",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex InSet();

    [GeneratedRegex(
        @"^(?<key>[A-Za-z0-9./_-]+)\s*(?<op>==|=|!=)\s*(?<value>[A-Za-z0-9._-]*)$",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Equality();

    [GeneratedRegex(@"^(?<not>!)?\s*(?<key>[A-Za-z0-9./_-]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Existence();

    private sealed record Requirement(string Key, string Operator, IReadOnlyList<string> Values);
}
