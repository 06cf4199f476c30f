using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of bindings and of webhook configurations.</summary>
internal static class AccessColumns
{
    public static readonly IReadOnlyList<TableColumn> Bindings =
    [
        CommonColumns.Name,
        CommonColumns.Text("Role", o => $"{o.TextAt("roleRef", "kind")}/{o.TextAt("roleRef", "name")}"),
        CommonColumns.Age,
        CommonColumns.Text("Users", o => Subjects(o, "User"), 1),
        CommonColumns.Text("Groups", o => Subjects(o, "Group"), 1),
        CommonColumns.Text("ServiceAccounts", o => Subjects(o, "ServiceAccount"), 1),
    ];

    public static readonly IReadOnlyList<TableColumn> Webhooks =
    [
        CommonColumns.Name,
        CommonColumns.Number(
            "Webhooks",
            o => o.ArrayAt("webhooks")?.Count ?? 0,
            description: "Webhooks indicates the number of webhooks registered in this configuration"
        ),
        CommonColumns.Age,
    ];

    private static string Subjects(JsonObject binding, string kind) =>
        string.Join(
            ", ",
            binding
                .ArrayAt("subjects")
                .Objects()
                .Where(s => s.TextAt("kind") == kind)
                .Select(s =>
                    kind == "ServiceAccount" ? $"{s.TextAt("namespace")}/{s.TextAt("name")}" : s.TextAt("name")
                )
        );
}
