using Granary.DevCluster.Api;
using Granary.DevCluster.Controllers;
using Granary.DevCluster.Nodes;
using Granary.DevCluster.Nodes.Images;
using k8s;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.DevCluster;

/// <summary>How a whole DevCluster runs in this process.</summary>
/// <param name="RootDirectory">
/// Where the node agent keeps Pods' files and volumes, and the kubeconfig is written unless said otherwise.
/// </param>
public sealed record DevClusterOptions(string RootDirectory)
{
    /// <summary>
    /// Where the administrator's kubeconfig is written; null is <c>kubeconfig</c> in the root directory.
    /// </summary>
    public string? KubeconfigPath { get; init; }

    /// <summary>What image names run; null starts no node.</summary>
    public ImageMap? Images { get; init; }

    /// <summary>The node's name.</summary>
    public string NodeName { get; init; } = "devcluster";

    /// <summary>The address that the API server listens on.</summary>
    public System.Net.IPAddress Address { get; init; } = System.Net.IPAddress.Loopback;

    /// <summary>Whether to start the API server alone.</summary>
    public bool ApiOnly { get; init; }

    /// <summary>The API server's port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// The clock of the API server and the controllers: creation times, schedules, deadlines, back-offs. Tests may
    /// simulate it. The node agent reads the machine's.
    /// </summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The wait before a failed Job's second Pod; Kubernetes' own is 10 s.</summary>
    public TimeSpan JobBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before a container's second restart; Kubernetes' own is 10 s.</summary>
    public TimeSpan RestartBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often mounted Secrets, ConfigMaps and tokens are brought up to date.</summary>
    public TimeSpan VolumeRefresh { get; init; } = TimeSpan.FromSeconds(15);

    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;
}

/// <summary>
/// API server, controllers and a node in one process. Disposing it stops all and leaves no process or mount behind.
/// </summary>
public sealed class DevClusterHost : IAsyncDisposable
{
    private readonly ApiServer _server;
    private readonly IKubernetes _systemClient;
    private ControllerHost? _controllers;
    private NodeAgent? _node;

    private DevClusterHost(ApiServer server, string kubeconfig)
    {
        Server = _server = server;
        KubeconfigPath = kubeconfig;
        AdminClient = server.CreateAdminClient();
        _systemClient = server.CreateAdminClient();
    }

    /// <summary>The API server.</summary>
    public ApiServer Server { get; }

    /// <summary>A kubeconfig of the administrator.</summary>
    public string KubeconfigPath { get; }

    /// <summary>A client of the administrator; goes with the host.</summary>
    public IKubernetes AdminClient { get; }

    /// <summary>Starts everything; returns when objects can be created and, with images, the node is Ready.</summary>
    public static async Task<DevClusterHost> StartAsync(DevClusterOptions options, CancellationToken ct = default)
    {
        Directory.CreateDirectory(options.RootDirectory);
        var server = await ApiServer.StartAsync(
            new ApiServerOptions
            {
                Address = options.Address,
                Port = options.Port,
                Clock = options.Time,
                Logging = options.Logging,
            },
            ct
        );
        var kubeconfig = server.WriteKubeconfig(
            options.KubeconfigPath ?? Path.Combine(options.RootDirectory, "kubeconfig")
        );
        var host = new DevClusterHost(server, kubeconfig);
        try
        {
            if (!options.ApiOnly)
            {
                await host.StartPartsAsync(options, ct);
            }

            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the node's containers, then the controllers, then the server.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        if (_controllers is not null)
        {
            await _controllers.DisposeAsync();
        }

        _systemClient.Dispose();
        AdminClient.Dispose();
        await _server.DisposeAsync();
    }

    private async Task StartPartsAsync(DevClusterOptions options, CancellationToken ct)
    {
        var controllers = new ControllerOptions(options.Time)
        {
            JobBackoff = options.JobBackoff,
            RootCertificates = System.Text.Encoding.ASCII.GetString(_server.CaCertificatePem),
            Logging = options.Logging,
        };
        _controllers = await ControllerHost.StartAsync(_systemClient, controllers, ct);
        if (options.Images is { } images)
        {
            var node = new NodeAgentOptions(options.NodeName, images, Path.Combine(options.RootDirectory, "node"))
            {
                RestartBackoff = options.RestartBackoff,
                VolumeRefresh = options.VolumeRefresh,
                Logging = options.Logging,
            };
            _node = await NodeAgent.StartAsync(_systemClient, node, ct);
        }
    }
}
