using System.CommandLine;
using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Images;
using k8s;

namespace Granary.DevCluster.Nodes;

/// <summary><c>devcluster node</c>: this machine joins a cluster as a node, until it is told to stop.</summary>
public static class NodeCommand
{
    public static Command Create()
    {
        var kubeconfig = new Option<string?>("--kubeconfig")
        {
            Description = "The cluster to join; the usual places when left out.",
        };
        var images = new Option<string>("--images")
        {
            Description = "YAML or JSON map from image names to what they run.",
            Required = true,
        };
        var root = new Option<string>("--root")
        {
            Description = "Directory for Pods' files, volumes and logs.",
            Required = true,
        };
        var name = new Option<string>("--name")
        {
            Description = "The node's name.",
            DefaultValueFactory = _ => Environment.MachineName.ToLowerInvariant(),
        };
        var network = new Option<string?>("--pod-network")
        {
            Description = "Loopback network of Pods, such as 127.31.7; random when left out.",
        };
        var verbose = new Option<bool>("--verbose") { Description = "Log to the error output." };
        var command = new Command("node", "Run Pods of a cluster as processes of this machine")
        {
            kubeconfig,
            images,
            root,
            name,
            network,
            verbose,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                using var logging = CommandLogging.Create(parsed.GetValue(verbose));
                using var client = new Kubernetes(
                    KubernetesClientConfiguration.BuildConfigFromConfigFile(parsed.GetValue(kubeconfig))
                );
                var options = new NodeAgentOptions(
                    parsed.GetValue(name)!,
                    ImageMap.FromFile(parsed.GetValue(images)!),
                    parsed.GetValue(root)!
                )
                {
                    PodNetwork = parsed.GetValue(network),
                    Logging = logging,
                };
                await using var agent = await NodeAgent.StartAsync(client, options, ct);
                await Console.Out.WriteLineAsync($"node {agent.Name} is ready");
                await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return 0;
            }
        );
        return command;
    }
}
