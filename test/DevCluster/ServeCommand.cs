using System.CommandLine;
using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Images;

namespace Granary.DevCluster;

/// <summary>
/// <c>devcluster serve</c>: API server, controllers and, with an image map, a node, until it is told to stop.
/// </summary>
public static class ServeCommand
{
    public static Command Create()
    {
        var kubeconfig = new Option<string>("--kubeconfig")
        {
            Description = "File to write the administrator's kubeconfig to.",
            DefaultValueFactory = _ => "devcluster.kubeconfig",
        };
        var root = new Option<string?>("--root")
        {
            Description = "Directory for Pods' files, volumes and logs; a temporary one when left out.",
        };
        var images = new Option<string?>("--images")
        {
            Description = "YAML or JSON map from image names to what they run; no node when left out.",
        };
        var port = new Option<int>("--port") { Description = "Port to listen on; 0 takes a free one." };
        var address = new Option<string>("--address")
        {
            Description = "Address to listen on.",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        var apiOnly = new Option<bool>("--api-only") { Description = "Neither controllers nor node." };
        var verbose = new Option<bool>("--verbose") { Description = "Log to the error output." };
        var command = new Command("serve", "Run a cluster until it is interrupted")
        {
            kubeconfig,
            root,
            images,
            port,
            address,
            apiOnly,
            verbose,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                using var logging = CommandLogging.Create(parsed.GetValue(verbose));
                var temporary = parsed.GetValue(root) is null ? Directory.CreateTempSubdirectory("devcluster-") : null;
                var options = new DevClusterOptions(parsed.GetValue(root) ?? temporary!.FullName)
                {
                    KubeconfigPath = parsed.GetValue(kubeconfig),
                    Images = parsed.GetValue(images) is { } file ? ImageMap.FromFile(file) : null,
                    Address = System.Net.IPAddress.Parse(parsed.GetValue(address)!),
                    Port = parsed.GetValue(port),
                    ApiOnly = parsed.GetValue(apiOnly),
                    Logging = logging,
                };
                try
                {
                    await using var host = await DevClusterHost.StartAsync(options, ct);
                    await Console.Out.WriteLineAsync(
                        $"{host.Server.Address} export KUBECONFIG={Path.GetFullPath(host.KubeconfigPath)}"
                    );
                    await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                finally
                {
                    temporary?.Delete(recursive: true);
                }

                return 0;
            }
        );
        return command;
    }
}
