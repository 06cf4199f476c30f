using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of services and endpoints.</summary>
internal static class ServiceColumns
{
    private const int ShownEndpoints = 3;

    public static readonly IReadOnlyList<TableColumn> All =
    [
        CommonColumns.Name,
        CommonColumns.Text("Type", string.Empty, "spec", "type"),
        CommonColumns.Text("Cluster-IP", o => o.TextAt("spec", "clusterIP") is { Length: > 0 } ip ? ip : "<none>"),
        CommonColumns.Text("External-IP", External),
        CommonColumns.Text("Port(s)", Ports),
        CommonColumns.Age,
        CommonColumns.Text("Selector", o => WorkloadColumns.Labels(o.ObjectAt("spec", "selector")), 1),
    ];

    public static string Endpoints(JsonObject value)
    {
        var all = value
            .ArrayAt("subsets")
            .Objects()
            .SelectMany(s =>
                s.ArrayAt("addresses")
                    .Objects()
                    .SelectMany(a =>
                        s.ArrayAt("ports").Objects().Select(p => $"{a.TextAt("ip")}:{p.IntegerAt("port")}")
                    )
            )
            .ToArray();
        return all.Length == 0 ? "<none>"
            : all.Length <= ShownEndpoints ? string.Join(',', all)
            : $"{string.Join(',', all[..ShownEndpoints])} + {all.Length - ShownEndpoints} more...";
    }

    private static string External(JsonObject value) =>
        value.TextAt("spec", "type") switch
        {
            "ExternalName" => value.TextAt("spec", "externalName") ?? string.Empty,
            "LoadBalancer" => value
                .ArrayAt("status", "loadBalancer", "ingress")
                .Objects()
                .Select(i => i.TextAt("ip") ?? i.TextAt("hostname"))
                .FirstOrDefault()
                ?? "<pending>",
            _ => "<none>",
        };

    private static string Ports(JsonObject value)
    {
        var ports = value
            .ArrayAt("spec", "ports")
            .Objects()
            .Select(p =>
                p.IntegerAt("nodePort") is > 0 and var node
                    ? $"{p.IntegerAt("port")}:{node}/{p.TextAt("protocol")}"
                    : $"{p.IntegerAt("port")}/{p.TextAt("protocol")}"
            )
            .ToArray();
        return ports.Length == 0 ? "<none>" : string.Join(',', ports);
    }
}
