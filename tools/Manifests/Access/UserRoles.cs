using k8s.Models;

namespace Granary.Manifests.Access;

/// <summary>What a namespace's users may do; aggregated into Kubernetes' own admin, edit and view.</summary>
internal static class UserRoles
{
    private static readonly string[] Invokers =
    [
        "backupbatches",
        "backupconfigurations",
        "backupsessions",
        "repositories",
        "restorebatches",
        "restoresessions",
    ];

    private static readonly string[] Templates = ["backupblueprints", "functions", "tasks"];

    private static readonly string[] Read = ["get", "list", "watch"];

    private static readonly string[] Write =
    [
        "create",
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "update",
        "watch",
    ];

    public static IEnumerable<V1ClusterRole> All() =>
        [
            Rules.ClusterRole(
                "appscode:stash:edit",
                Aggregated("admin", "edit"),
                Rules.On(Rules.AppCatalog, ["appbindings"], Write),
                Rules.On(Rules.Stash, Invokers, Write),
                Rules.On(Rules.Stash, Templates, Read)
            ),
            Rules.ClusterRole(
                "appscode:stash:view",
                Aggregated("view"),
                Rules.On(Rules.AppCatalog, ["appbindings"], Read),
                Rules.On(Rules.Stash, [.. Invokers, .. Templates], Read)
            ),
        ];

    private static Dictionary<string, string> Aggregated(params string[] roles) =>
        roles.ToDictionary(role => $"rbac.authorization.k8s.io/aggregate-to-{role}", _ => "true");
}
