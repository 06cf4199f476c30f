using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Network;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Nodes.Pods;

/// <summary>What all Pods of a node share.</summary>
internal sealed class NodeContext
{
    public required ResourceClient Client { get; init; }

    public required NodeAgentOptions Options { get; init; }

    public required AddressPool Addresses { get; init; }

    public required Informer<V1Pod> Pods { get; init; }

    public required Informer<V1Service> Services { get; init; }

    public required EventRecorder Events { get; init; }

    public required ILogger Log { get; init; }

    public string HostIp => Addresses.Node;

    public string PodsDirectory => Path.Combine(Options.RootDirectory, "pods");

    public string ClaimsDirectory => Path.Combine(Options.RootDirectory, "claims");

    public Dictionary<(string Namespace, string Name), string> ServiceAddresses() =>
        ServiceNames.Resolve(Services.Items, [.. Pods.Items]);
}
