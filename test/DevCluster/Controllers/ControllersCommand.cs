using System.CommandLine;
using Granary.DevCluster.Machinery;
using k8s;

namespace Granary.DevCluster.Controllers;

/// <summary><c>devcluster controllers</c>: the controllers alone, against an API server that has none.</summary>
public static class ControllersCommand
{
    public static Command Create()
    {
        var kubeconfig = new Option<string?>("--kubeconfig")
        {
            Description = "The cluster; the usual places when left out.",
        };
        var verbose = new Option<bool>("--verbose") { Description = "Log to the error output." };
        var command = new Command("controllers", "Run the controllers against an API server") { kubeconfig, verbose };
        command.SetAction(
            async (parsed, ct) =>
            {
                using var logging = CommandLogging.Create(parsed.GetValue(verbose));
                var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(
                    parsed.GetValue(kubeconfig)
                );
                using var client = new Kubernetes(configuration);
                var options = new ControllerOptions
                {
                    Logging = logging,
                    RootCertificates = configuration.SslCaCerts is { Count: > 0 } authorities
                        ? string.Concat(authorities.Select(authority => authority.ExportCertificatePem() + "\n"))
                        : null,
                };
                await using var host = await ControllerHost.StartAsync(client, options, ct);
                await Console.Out.WriteLineAsync("controllers are running");
                await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return 0;
            }
        );
        return command;
    }
}
