using System.Text;
using k8s.Models;

namespace Granary.Manifests.Reference;

/// <summary>What the roles in <c>config/rbac</c> allow, as tables.</summary>
internal static class AccessPage
{
    /// <param name="files">Gets the page.</param>
    /// <param name="objects">The objects of <c>config/rbac</c>, in order; only roles are shown.</param>
    public static void AddTo(ManifestFiles files, IEnumerable<object> objects)
    {
        var page = new StringBuilder(
            "# Rights\n\nWhat the roles in `config/rbac` allow. Whose they are: [security.md](../security.md).\n"
        );
        foreach (var one in objects)
        {
            switch (one)
            {
                case V1ClusterRole role:
                    Add(page, $"ClusterRole `{role.Metadata.Name}`", role.Rules);
                    break;
                case V1Role role:
                    Add(page, $"Role `{role.Metadata.Name}` in `{role.Metadata.NamespaceProperty}`", role.Rules);
                    break;
                default:
                    break;
            }
        }

        files.AddPage("docs/reference/access.md", page.ToString());
    }

    private static void Add(StringBuilder page, string title, IEnumerable<V1PolicyRule> rules)
    {
        page.Append($"\n## {title}\n\n| group | resources | names | verbs |\n| --- | --- | --- | --- |\n");
        foreach (var rule in rules)
        {
            var groups = (rule.ApiGroups ?? []).Select(group => group.Length == 0 ? "core" : group);
            page.Append($"| {Words(groups)} | {Words(rule.Resources)} ");
            page.Append($"| {(rule.ResourceNames is { Count: > 0 } names ? Words(names) : "all")} ");
            page.Append($"| {string.Join(", ", rule.Verbs)} |\n");
        }
    }

    private static string Words(IEnumerable<string>? words) =>
        string.Join(", ", (words ?? []).Select(word => $"`{word}`"));
}
