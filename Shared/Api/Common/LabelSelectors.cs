using k8s.Models;

namespace Granary.Api.Common;

/// <summary>Evaluates Kubernetes label selectors on labels that are at hand.</summary>
public static class LabelSelectors
{
    /// <summary>Whether the labels satisfy the selector.</summary>
    /// <remarks>As in Kubernetes: no selector matches nothing, an empty one matches everything.</remarks>
    public static bool Matches(V1LabelSelector? selector, IDictionary<string, string>? labels)
    {
        if (selector is null)
        {
            return false;
        }

        labels ??= new Dictionary<string, string>();
        return (selector.MatchLabels ?? new Dictionary<string, string>()).All(pair =>
                labels.TryGetValue(pair.Key, out var value) && value == pair.Value
            ) && (selector.MatchExpressions ?? []).All(requirement => Matches(requirement, labels));
    }

    private static bool Matches(V1LabelSelectorRequirement requirement, IDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(requirement.Key, out var value);
        return requirement.OperatorProperty switch
        {
            "In" => present && requirement.Values.Contains(value!),
            "NotIn" => !present || !requirement.Values.Contains(value!),
            "Exists" => present,
            "DoesNotExist" => !present,
            _ => false,
        };
    }
}
