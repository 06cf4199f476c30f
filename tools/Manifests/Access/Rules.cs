using k8s.Models;

namespace Granary.Manifests.Access;

/// <summary>Short forms for what roles are made of.</summary>
internal static class Rules
{
    public const string Core = "";
    public const string Stash = "stash.appscode.com";
    public const string AppCatalog = "appcatalog.appscode.com";
    public const string Coordination = "coordination.k8s.io";
    public const string RbacGroup = "rbac.authorization.k8s.io";

    public static V1PolicyRule On(string group, string[] resources, params string[] verbs) =>
        new()
        {
            ApiGroups = [group],
            Resources = resources,
            Verbs = verbs,
        };

    public static V1PolicyRule OnNamed(string group, string resource, string[] names, params string[] verbs) =>
        new()
        {
            ApiGroups = [group],
            Resources = [resource],
            ResourceNames = names,
            Verbs = verbs,
        };

    /// <summary>
    /// The same rights in as few rules as possible, sorted: one rule for the resources of a group with equal verbs.
    /// </summary>
    /// <remarks>Rules with names or URLs stay as they are.</remarks>
    public static IEnumerable<V1PolicyRule> Merge(IEnumerable<V1PolicyRule> rules)
    {
        var all = rules.ToList();
        bool IsPlain(V1PolicyRule rule) =>
            rule.ResourceNames is not { Count: > 0 } && rule.NonResourceURLs is not { Count: > 0 };
        return all.Where(IsPlain)
            .SelectMany(rule =>
                rule.ApiGroups.SelectMany(group => rule.Resources.Select(resource => (group, resource, rule.Verbs)))
            )
            .GroupBy(right => (right.group, right.resource), right => right.Verbs)
            .Select(right => (right.Key.group, right.Key.resource, verbs: Sorted(right.SelectMany(verbs => verbs))))
            .GroupBy(right => (right.group, verbs: string.Join(' ', right.verbs)))
            .Select(same => On(same.Key.group, Sorted(same.Select(right => right.resource)), same.First().verbs))
            .OrderBy(rule => rule.ApiGroups[0], StringComparer.Ordinal)
            .ThenBy(rule => rule.Resources[0], StringComparer.Ordinal)
            .Concat(all.Where(rule => !IsPlain(rule)));
    }

    public static V1ClusterRole ClusterRole(
        string name,
        IDictionary<string, string>? labels,
        params IList<V1PolicyRule> rules
    ) =>
        new()
        {
            ApiVersion = $"{RbacGroup}/v1",
            Kind = V1ClusterRole.KubeKind,
            Metadata = new V1ObjectMeta { Name = name, Labels = labels },
            Rules = rules,
        };

    private static string[] Sorted(IEnumerable<string> words) =>
        [.. words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
