using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of what runs pods from a template.</summary>
internal static class WorkloadColumns
{
    private static readonly IReadOnlyList<TableColumn> Wide =
    [
        CommonColumns.Text("Containers", o => Containers(o, "name"), 1),
        CommonColumns.Text("Images", o => Containers(o, "image"), 1),
        CommonColumns.Text("Selector", o => Selector(o.ObjectAt("spec", "selector")), 1),
    ];

    public static readonly IReadOnlyList<TableColumn> Deployments =
    [
        CommonColumns.Name,
        CommonColumns.Text("Ready", ReadyOfWanted),
        Count("Up-to-date", "updatedReplicas"),
        Count("Available", "availableReplicas"),
        CommonColumns.Age,
        .. Wide,
    ];

    public static readonly IReadOnlyList<TableColumn> ReplicaSets =
    [
        CommonColumns.Name,
        CommonColumns.Number("Desired", o => o.IntegerAt("spec", "replicas") ?? 0),
        Count("Current", "replicas"),
        Count("Ready", "readyReplicas"),
        CommonColumns.Age,
        .. Wide,
    ];

    public static readonly IReadOnlyList<TableColumn> StatefulSets =
    [
        CommonColumns.Name,
        CommonColumns.Text("Ready", ReadyOfWanted),
        CommonColumns.Age,
        .. Wide.Take(2),
    ];

    public static readonly IReadOnlyList<TableColumn> DaemonSets =
    [
        CommonColumns.Name,
        Count("Desired", "desiredNumberScheduled"),
        Count("Current", "currentNumberScheduled"),
        Count("Ready", "numberReady"),
        Count("Up-to-date", "updatedNumberScheduled"),
        Count("Available", "numberAvailable"),
        CommonColumns.Text("Node Selector", o => Labels(o.ObjectAt("spec", "template", "spec", "nodeSelector"))),
        CommonColumns.Age,
        .. Wide,
    ];

    public static string Containers(JsonObject value, string field) =>
        string.Join(
            ',',
            value.ArrayAt("spec", "template", "spec", "containers").Objects().Select(c => c.TextAt(field) ?? "")
        );

    public static string Labels(JsonObject? labels) =>
        labels is not { Count: > 0 }
            ? "<none>"
            : string.Join(',', labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));

    public static string Selector(JsonObject? selector) => Labels(selector.ObjectAt("matchLabels"));

    private static TableColumn Count(string name, string field) =>
        CommonColumns.Number(name, o => o.IntegerAt("status", field) ?? 0);

    private static string ReadyOfWanted(JsonObject value) =>
        $"{value.IntegerAt("status", "readyReplicas") ?? 0}/{value.IntegerAt("spec", "replicas") ?? 0}";
}
