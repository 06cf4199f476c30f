using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of nodes.</summary>
internal static class NodeColumns
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static readonly IReadOnlyList<TableColumn> All =
    [
        CommonColumns.Name,
        CommonColumns.Text("Status", Status),
        CommonColumns.Text("Roles", Roles),
        CommonColumns.Age,
        CommonColumns.Text("Version", o => o.TextAt("status", "nodeInfo", "kubeletVersion") ?? string.Empty),
        CommonColumns.Text("Internal-IP", o => Address(o, "InternalIP"), 1),
        CommonColumns.Text("External-IP", o => Address(o, "ExternalIP"), 1),
        CommonColumns.Text("OS-Image", o => Info(o, "osImage"), 1),
        CommonColumns.Text("Kernel-Version", o => Info(o, "kernelVersion"), 1),
        CommonColumns.Text("Container-Runtime", o => Info(o, "containerRuntimeVersion"), 1),
    ];

    private static string Status(JsonObject node)
    {
        var ready = node.ArrayAt("status", "conditions").Objects().FirstOrDefault(c => c.TextAt("type") == "Ready");
        var status =
            ready is null ? "Unknown"
            : ready.TextAt("status") == "True" ? "Ready"
            : "NotReady";
        return node.FlagAt("spec", "unschedulable") ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(JsonObject node)
    {
        var roles = (node.ObjectAt("metadata", "labels") ?? [])
            .Where(l => l.Key.StartsWith(RolePrefix, StringComparison.Ordinal))
            .Select(l => l.Key[RolePrefix.Length..])
            .Order(StringComparer.Ordinal)
            .ToArray();
        return roles.Length == 0 ? "<none>" : string.Join(',', roles);
    }

    private static string Address(JsonObject node, string type) =>
        node.ArrayAt("status", "addresses").Objects().FirstOrDefault(a => a.TextAt("type") == type).TextAt("address")
        ?? "<none>";

    private static string Info(JsonObject node, string field) =>
        node.TextAt("status", "nodeInfo", field) is { Length: > 0 } text ? text : "<unknown>";
}
