using System.Collections.Concurrent;
using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Launching;
using Granary.DevCluster.Nodes.Logs;
using Granary.DevCluster.Nodes.Network;
using Granary.DevCluster.Nodes.Pods;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Nodes;

/// <summary>
/// A node without a container engine: runs the Pods that are bound to it as processes of this machine. Speaks the
/// public API only, so it can join any cluster; needs root for namespaces and mounts.
/// </summary>
public sealed class NodeAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, PodWorker> _workers = new(StringComparer.Ordinal);
    private readonly NodeContext _node;
    private readonly NodeRegistration _registration;
    private readonly SemaphoreSlim _servicesChanged = new(0);
    private readonly List<Task> _running = [];
    private LogServer? _logs;

    private NodeAgent(IKubernetes client, NodeAgentOptions options)
    {
        var log = options.Logging.CreateLogger("devcluster.node-agent");
        var rest = new ResourceClient(client);
        _node = new NodeContext
        {
            Client = rest,
            Options = options,
            Addresses = new AddressPool(options.PodNetwork),
            Pods = new Informer<V1Pod>(rest, ResourceType.Pods, log),
            Services = new Informer<V1Service>(rest, ResourceType.Services, log),
            Events = new EventRecorder(rest, "kubelet", TimeProvider.System, log, options.NodeName),
            Log = log,
        };
        _registration = new NodeRegistration(rest, options, _node.HostIp, log);
    }

    /// <summary>The node's name.</summary>
    public string Name => _node.Options.NodeName;

    /// <summary>Registers the node and takes up its Pods; returns when the node is Ready.</summary>
    /// <param name="client">A client with a node's rights (an administrator's will do); stays the caller's.</param>
    /// <param name="ct">Ends the start, not the running agent; dispose the agent for that.</param>
    public static async Task<NodeAgent> StartAsync(IKubernetes client, NodeAgentOptions options, CancellationToken ct)
    {
        options = options with { RootDirectory = Path.GetFullPath(options.RootDirectory) };
        var agent = new NodeAgent(client, options);
        try
        {
            await agent.StartAsync(ct);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Kills every container, removes what Pods had on this machine, and takes the node out of the cluster.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_workers.Values.Select(worker => worker.DisposeAsync().AsTask()));
        if (_logs is not null)
        {
            await _logs.DisposeAsync();
        }

        if (Directory.Exists(_node.PodsDirectory))
        {
            Directory.Delete(_node.PodsDirectory, recursive: true);
        }

        if (_node.Options.RemoveNodeOnStop)
        {
            try
            {
                using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(3));
                await _registration.RemoveAsync(soon.Token);
            }
            catch (Exception e)
                when (e
                        is ApiRequestException
                            or HttpRequestException
                            or OperationCanceledException
                            or ObjectDisposedException
                )
            {
                _node.Log.LogDebug(e, "the node could not be taken out of the cluster");
            }
        }

        _stop.Dispose();
        _servicesChanged.Dispose();
    }

    private async Task StartAsync(CancellationToken ct)
    {
        Leftovers.Remove(_node.PodsDirectory);
        Directory.CreateDirectory(_node.PodsDirectory);
        Posix.SetMode(_node.PodsDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(_node.ClaimsDirectory);
        _logs = await LogServer.StartAsync(Find, ct);
        _node.Services.OnChange((_, _) => _servicesChanged.Release());
        _node.Pods.OnChange(OnPod);
        _running.Add(_node.Services.RunAsync(_stop.Token));
        await _node.Services.Synced.WaitAsync(TimeSpan.FromSeconds(30), ct);
        await _registration.RegisterAsync(_logs.Address, _logs.Token, ct);
        _running.Add(_node.Pods.RunAsync(_stop.Token));
        await _node.Pods.Synced.WaitAsync(TimeSpan.FromSeconds(30), ct);
        _running.Add(_registration.BeatAsync(_stop.Token));
        _running.Add(KeepHostsAsync(_stop.Token));
    }

    private PodWorker? Find(string ns, string name) =>
        _workers.Values.FirstOrDefault(worker =>
            worker.Pod.Metadata.NamespaceProperty == ns && worker.Pod.Metadata.Name == name
        );

    private void OnPod(V1Pod? old, V1Pod? pod)
    {
        if (HostsMayDiffer(old, pod))
        {
            _servicesChanged.Release();
        }

        if (
            old is not null
            && old.Metadata.Uid != pod?.Metadata.Uid
            && _workers.TryRemove(old.Metadata.Uid, out var gone)
        )
        {
            gone.Gone();
            _ = gone.Ended.ContinueWith(_ => gone.DisposeAsync().AsTask(), TaskScheduler.Default);
        }

        if (pod?.Spec.NodeName != Name || _stop.IsCancellationRequested)
        {
            return;
        }

        if (_workers.TryGetValue(pod.Metadata.Uid, out var worker))
        {
            worker.Update(pod);
        }
        else
        {
            _workers[pod.Metadata.Uid] = new PodWorker(_node, pod);
        }
    }

    private static bool HostsMayDiffer(V1Pod? old, V1Pod? pod)
    {
        static string? Facts(V1Pod? pod) =>
            pod is null
                ? null
                : $"{pod.Status?.PodIP} {pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" })} "
                    + $"{pod.Metadata.DeletionTimestamp is null} "
                    + string.Join(',', pod.Metadata.Labels?.Select(label => $"{label.Key}={label.Value}") ?? []);
        return Facts(old) != Facts(pod);
    }

    private async Task KeepHostsAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await _servicesChanged.WaitAsync(ct);

            // Changes come in bursts: one pass for all of a moment's.
            await Task.Delay(30, ct);
            while (await _servicesChanged.WaitAsync(0, ct)) { }

            var services = _node.ServiceAddresses();
            foreach (var worker in _workers.Values)
            {
                try
                {
                    worker.UpdateHosts(services);
                }
                catch (IOException e)
                {
                    _node.Log.LogDebug(e, "hosts file of {Pod}", worker.Pod.Metadata.Name);
                }
            }
        }
    }
}
