using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Authorization;

/// <summary>One rule of a role.</summary>
internal sealed record PolicyRule(
    IReadOnlyList<string> Verbs,
    IReadOnlyList<string> Groups,
    IReadOnlyList<string> Resources,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> Urls
)
{
    public static PolicyRule Read(JsonObject rule) =>
        new(
            [.. rule.ArrayAt("verbs").Texts()],
            [.. rule.ArrayAt("apiGroups").Texts()],
            [.. rule.ArrayAt("resources").Texts()],
            [.. rule.ArrayAt("resourceNames").Texts()],
            [.. rule.ArrayAt("nonResourceURLs").Texts()]
        );

    public static IEnumerable<PolicyRule> ReadAll(JsonObject? role) => role.ArrayAt("rules").Objects().Select(Read);

    public bool Allows(AccessAttributes access)
    {
        if (!Has(Verbs, access.Verb))
        {
            return false;
        }

        if (!access.IsResource)
        {
            return Urls.Any(u =>
                u == "*"
                || u == access.Path
                || (u.EndsWith('*') && access.Path.StartsWith(u[..^1], StringComparison.Ordinal))
            );
        }

        var whole = access.Subresource.Length == 0 ? access.Resource : $"{access.Resource}/{access.Subresource}";
        return Has(Groups, access.Group)
            && (
                Has(Resources, whole)
                || (access.Subresource.Length > 0 && Resources.Contains($"*/{access.Subresource}"))
            )
            && (Names.Count == 0 || Names.Contains(access.Name, StringComparer.Ordinal));
    }

    /// <summary>The form in which refusals show a rule.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        void Add(string name, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                parts.Add($"{name}:[{string.Join(", ", values.Select(v => $"\"{v}\""))}]");
            }
        }

        Add("APIGroups", Groups);
        Add("Resources", Resources);
        Add("ResourceNames", Names);
        Add("NonResourceURLs", Urls);
        Add("Verbs", Verbs);
        return "{" + string.Join(", ", parts) + "}";
    }

    private static bool Has(IReadOnlyList<string> values, string wanted) =>
        values.Contains("*", StringComparer.Ordinal) || values.Contains(wanted, StringComparer.Ordinal);
}

/// <summary>What somebody wants to do.</summary>
/// <param name="Path">Of requests that are not about resources.</param>
internal sealed record AccessAttributes(
    bool IsResource,
    string Verb,
    string Group,
    string Resource,
    string Subresource,
    string Namespace,
    string Name,
    string Path = ""
);
