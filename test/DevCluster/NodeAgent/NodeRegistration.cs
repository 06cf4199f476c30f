using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Nodes;

/// <summary>The Node object and the Lease that says that its agent lives.</summary>
internal sealed class NodeRegistration(ResourceClient client, NodeAgentOptions options, string address, ILogger log)
{
    /// <summary>Where the API server fetches logs from.</summary>
    public const string LogAddressAnnotation = "devcluster.granary/log-address";

    /// <summary>The bearer token for it.</summary>
    public const string LogTokenAnnotation = "devcluster.granary/log-token";

    private const string LeaseNamespace = "kube-node-lease";
    private const int LeaseSeconds = 40;

    public async Task RegisterAsync(Uri logAddress, string logToken, CancellationToken ct)
    {
        var annotations = new Dictionary<string, string>
        {
            [LogAddressAnnotation] = logAddress.ToString().TrimEnd('/'),
            [LogTokenAnnotation] = logToken,
        };
        try
        {
            await client.CreateAsync(
                ResourceType.Nodes,
                null,
                new V1Node
                {
                    ApiVersion = "v1",
                    Kind = "Node",
                    Metadata = new V1ObjectMeta
                    {
                        Name = options.NodeName,
                        Labels = Labels(),
                        Annotations = annotations,
                    },
                    Spec = new V1NodeSpec(),
                },
                ct
            );
        }
        catch (ApiRequestException e) when (e.Reason == "AlreadyExists")
        {
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = JsonNode.Parse(KubernetesJson.Serialize(Labels())),
                    ["annotations"] = JsonNode.Parse(KubernetesJson.Serialize(annotations)),
                },
            };
            await client.MergePatchAsync(ResourceType.Nodes.Path(null, options.NodeName), patch, ct);
        }

        await HeartbeatAsync(ct);
    }

    public async Task BeatAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10));
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                await HeartbeatAsync(ct);
            }
            catch (Exception e) when (e is ApiRequestException or HttpRequestException)
            {
                log.LogDebug(e, "the node's heartbeat failed");
            }
        }
    }

    public async Task RemoveAsync(CancellationToken ct)
    {
        await client.DeleteAsync(ResourceType.Nodes.Path(null, options.NodeName), null, null, ct);
        await client.DeleteAsync(ResourceType.Leases.Path(LeaseNamespace, options.NodeName), null, null, ct);
    }

    private Dictionary<string, string> Labels() =>
        new()
        {
            ["kubernetes.io/hostname"] = options.NodeName,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            ["devcluster.granary/node"] = "true",
        };

    private async Task HeartbeatAsync(CancellationToken ct)
    {
        await client.MergePatchAsync(
            ResourceType.Nodes.Path(null, options.NodeName, "status"),
            new JsonObject { ["status"] = JsonNode.Parse(KubernetesJson.Serialize(Status())) },
            ct
        );
        var lease = await client.FindAsync<V1Lease>(ResourceType.Leases, LeaseNamespace, options.NodeName, ct);
        if (lease is not null)
        {
            lease.Spec.RenewTime = DateTime.UtcNow;
            await client.ReplaceAsync(ResourceType.Leases, lease, null, ct);
            return;
        }

        try
        {
            await client.CreateAsync(
                ResourceType.Leases,
                LeaseNamespace,
                new V1Lease
                {
                    ApiVersion = "coordination.k8s.io/v1",
                    Kind = "Lease",
                    Metadata = new V1ObjectMeta { Name = options.NodeName, NamespaceProperty = LeaseNamespace },
                    Spec = new V1LeaseSpec
                    {
                        HolderIdentity = options.NodeName,
                        LeaseDurationSeconds = LeaseSeconds,
                        RenewTime = DateTime.UtcNow,
                    },
                },
                ct
            );
        }
        catch (ApiRequestException e) when (e.IsNotFound || e.IsForbidden || e.IsConflict)
        {
            log.LogDebug(e, "the node's lease cannot be made; its status alone says that it lives");
        }
    }

    private V1NodeStatus Status()
    {
        var now = TimeProvider.System.NowSeconds();
        V1NodeCondition Condition(string type, string status, string reason, string message) =>
            new()
            {
                Type = type,
                Status = status,
                Reason = reason,
                Message = message,
                LastHeartbeatTime = now,
                LastTransitionTime = _readySince,
            };
        var resources = new Dictionary<string, ResourceQuantity>
        {
            ["cpu"] = new($"{Environment.ProcessorCount}"),
            ["memory"] = new($"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024}Ki"),
            ["pods"] = new("250"),
            ["ephemeral-storage"] = new($"{new DriveInfo(options.RootDirectory).TotalSize / 1024}Ki"),
        };
        return new V1NodeStatus
        {
            Capacity = resources,
            Allocatable = resources,
            Addresses =
            [
                new V1NodeAddress { Type = "InternalIP", Address = address },
                new V1NodeAddress { Type = "Hostname", Address = options.NodeName },
            ],
            Conditions =
            [
                Condition(
                    "MemoryPressure",
                    "False",
                    "KubeletHasSufficientMemory",
                    "kubelet has sufficient memory available"
                ),
                Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            ],
            NodeInfo = new V1NodeSystemInfo
            {
                Architecture = Labels()["kubernetes.io/arch"],
                OperatingSystem = "linux",
                OsImage = RuntimeInformation.OSDescription,
                KernelVersion = Environment.OSVersion.Version.ToString(),
                KubeletVersion = "v1.36.0-devcluster",
                KubeProxyVersion = "",
                ContainerRuntimeVersion = "devcluster://1.0",
                MachineID = "",
                SystemUUID = "",
                BootID = "",
            },
        };
    }

    private readonly DateTime _readySince = TimeProvider.System.NowSeconds();
}
