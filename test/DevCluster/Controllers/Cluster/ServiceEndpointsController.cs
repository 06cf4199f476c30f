using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Cluster;

/// <summary>
/// Lists the Pods behind each Service in one EndpointSlice, and in an Endpoints object where the server has those.
/// </summary>
internal sealed class ServiceEndpointsController : IController
{
    private readonly ControllerContext _context;
    private readonly WorkQueue<(string Namespace, string Name)> _queue;
    private HashSet<ResourceType> _served = [];

    public ServiceEndpointsController(ControllerContext context)
    {
        _context = context;
        _queue = context.Queue("endpointslice-controller");
        context.Services.OnChange((old, service) => _queue.Add((service ?? old)!.Key()));
        context.Pods.OnChange(
            (old, pod) =>
            {
                var any = (pod ?? old)!;
                foreach (
                    var service in context
                        .Services.InNamespace(any.Metadata.NamespaceProperty)
                        .Where(service => Selects(service, any))
                )
                {
                    _queue.Add(service.Key());
                }
            }
        );
    }

    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            _served = [.. (await Discovery.ReadAsync(_context.Client, ct)).Select(resource => resource.Type)];
        }
        catch (ApiRequestException)
        {
            return;
        }

        await _queue.RunAsync(SyncAsync, 1, ct);
    }

    private static bool Selects(V1Service service, V1Pod pod) =>
        service.Spec?.Selector is { Count: > 0 } selector
        && selector.All(wanted =>
            pod.Metadata.Labels?.TryGetValue(wanted.Key, out var value) == true && value == wanted.Value
        );

    private async Task SyncAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (
            _context.Services.Find(key.Namespace, key.Name)
            is not { Metadata.DeletionTimestamp: null, Spec.Selector.Count: > 0 } service
        )
        {
            if (_served.Contains(ResourceType.Endpoints) && _context.Services.Find(key.Namespace, key.Name) is null)
            {
                await _context.Client.DeleteAsync(ResourceType.Endpoints.Path(key.Namespace, key.Name), null, null, ct);
            }

            return;
        }

        var pods = _context
            .Pods.InNamespace(key.Namespace)
            .Where(pod => Selects(service, pod) && !pod.IsTerminal() && !string.IsNullOrEmpty(pod.Status?.PodIP))
            .OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
            .ToList();
        if (_served.Contains(ResourceType.EndpointSlices))
        {
            await PutAsync(ResourceType.EndpointSlices, key.Namespace, Slice(service, pods), ct);
        }

        if (_served.Contains(ResourceType.Endpoints))
        {
            await PutAsync(ResourceType.Endpoints, key.Namespace, Endpoints(service, pods), ct);
        }
    }

    private async Task PutAsync(ResourceType type, string ns, JsonObject wanted, CancellationToken ct)
    {
        var path = type.Path(ns, (string)wanted["metadata"]!["name"]!);
        JsonObject? live = null;
        try
        {
            live = await _context.Client.GetAsync(path, ct);
        }
        catch (ApiRequestException e) when (e.IsNotFound)
        {
            // Created below.
        }

        if (live is null)
        {
            await _context.Client.PostAsync(type.Path(ns), wanted.ToJsonString(), ct);
            return;
        }

        string[] fields = ["endpoints", "ports", "subsets"];
        if (fields.All(field => JsonNode.DeepEquals(live[field], wanted[field])))
        {
            return;
        }

        foreach (var field in fields.Where(wanted.ContainsKey))
        {
            live[field] = wanted[field]!.DeepClone();
        }

        await _context.Client.PutAsync(path, live.ToJsonString(), ct);
    }

    private static JsonObject Metadata(V1Service service, string suffix, JsonObject labels) =>
        new()
        {
            ["name"] = service.Metadata.Name + suffix,
            ["namespace"] = service.Metadata.NamespaceProperty,
            ["labels"] = labels,
            ["ownerReferences"] = new JsonArray(
                JsonNode.Parse(KubernetesJson.Serialize(Ownership.Of(service, ResourceType.Services)))
            ),
        };

    private static JsonObject Slice(V1Service service, List<V1Pod> pods) =>
        new()
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = Metadata(
                service,
                "-1",
                new JsonObject
                {
                    ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io",
                    ["kubernetes.io/service-name"] = service.Metadata.Name,
                }
            ),
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray([
                .. pods.Select(pod =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["addresses"] = new JsonArray(pod.Status.PodIP),
                            ["conditions"] = new JsonObject
                            {
                                ["ready"] = pod.IsReady() && !pod.IsDeleted(),
                                ["serving"] = pod.IsReady(),
                                ["terminating"] = pod.IsDeleted(),
                            },
                            ["nodeName"] = pod.Spec.NodeName,
                            ["targetRef"] = Target(pod),
                        }
                ),
            ]),
            ["ports"] = Ports(service, pods),
        };

    private static JsonObject Endpoints(V1Service service, List<V1Pod> pods)
    {
        var subset = new JsonObject();
        var ready = pods.Where(pod => pod.IsReady() && !pod.IsDeleted()).ToList();
        AddAddresses(subset, "addresses", ready);
        AddAddresses(subset, "notReadyAddresses", [.. pods.Except(ready).Where(pod => !pod.IsDeleted())]);
        var any = subset.Count > 0;
        subset["ports"] = Ports(service, pods);
        var endpoints = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Endpoints",
            ["metadata"] = Metadata(service, "", []),
        };
        if (any)
        {
            endpoints["subsets"] = new JsonArray(subset);
        }

        return endpoints;
    }

    private static void AddAddresses(JsonObject subset, string field, List<V1Pod> pods)
    {
        if (pods.Count > 0)
        {
            subset[field] = new JsonArray([
                .. pods.Select(pod =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["ip"] = pod.Status.PodIP,
                            ["nodeName"] = pod.Spec.NodeName,
                            ["targetRef"] = Target(pod),
                        }
                ),
            ]);
        }
    }

    private static JsonObject Target(V1Pod pod) =>
        new()
        {
            ["kind"] = "Pod",
            ["namespace"] = pod.Metadata.NamespaceProperty,
            ["name"] = pod.Metadata.Name,
            ["uid"] = pod.Metadata.Uid,
        };

    private static JsonArray Ports(V1Service service, List<V1Pod> pods) =>
        new([
            .. (service.Spec.Ports ?? []).Select(port =>
            {
                var entry = new JsonObject
                {
                    ["name"] = port.Name ?? "",
                    ["port"] = TargetOf(port, pods),
                    ["protocol"] = port.Protocol ?? "TCP",
                };
                return (JsonNode)entry;
            }),
        ]);

    private static int TargetOf(V1ServicePort port, List<V1Pod> pods)
    {
        var target = port.TargetPort?.Value;
        if (string.IsNullOrEmpty(target))
        {
            return port.Port;
        }

        return int.TryParse(target, CultureInfo.InvariantCulture, out var number)
            ? number
            : pods.SelectMany(pod => pod.Spec.Containers)
                .SelectMany(c => c.Ports ?? [])
                .FirstOrDefault(p => p.Name == target)
                ?.ContainerPort
                ?? port.Port;
    }
}
