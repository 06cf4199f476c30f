using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Status;
using Granary.DevCluster.Nodes.Volumes;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Nodes.Pods;

/// <summary>Takes one Pod through its life on this node: volumes, init containers, containers, deletion.</summary>
internal sealed class PodWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _life = new();
    private readonly TaskCompletionSource _deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PodRun _run;
    private readonly NodeContext _node;

    public PodWorker(NodeContext node, V1Pod pod)
    {
        _node = node;
        _run = new PodRun(node, pod, _life.Token);
        Ended = Task.Run(LiveAsync);
        Update(pod);
    }

    /// <summary>Completes when the Pod is gone from the API, or the worker was disposed.</summary>
    public Task Ended { get; }

    public V1Pod Pod => _run.Pod;

    public string PodDirectory => Path.Combine(_node.PodsDirectory, Pod.Metadata.Uid);

    public IReadOnlyList<ContainerRecord> Records => _run.Records;

    /// <summary>Takes note of the Pod's newest object.</summary>
    public void Update(V1Pod pod)
    {
        _run.Pod = pod;
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            _deleted.TrySetResult();
            _run.Stop(TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 0));
        }
    }

    /// <summary>The object is gone from the API: nothing of the Pod may stay.</summary>
    public void Gone()
    {
        _gone.TrySetResult();
        _deleted.TrySetResult();
        _run.Stop(TimeSpan.Zero);
    }

    /// <summary>Writes the Pod's hosts file anew.</summary>
    public void UpdateHosts(IReadOnlyDictionary<(string Namespace, string Name), string> services)
    {
        if (_run.Sandbox is { } sandbox && !Ended.IsCompleted && Directory.Exists(sandbox.PodDirectory))
        {
            sandbox.Hosts.Write(services);
        }
    }

    /// <summary>Kills what runs and removes what the Pod had on the host; tells the API nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _life.CancelAsync();
        _run.Stop(TimeSpan.Zero);
        await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _run.Dispose();
        _life.Dispose();
    }

    private async Task LiveAsync()
    {
        try
        {
            if (Pod.Status?.Phase is not ("Succeeded" or "Failed"))
            {
                await RunAsync();
            }

            await _deleted.Task.WaitAsync(_life.Token);
            await ConfirmDeletionAsync();
            await _gone.Task.WaitAsync(_life.Token);
        }
        catch (OperationCanceledException) when (_life.IsCancellationRequested)
        {
            // The agent stops.
        }
        catch (Exception e)
        {
            _node.Log.LogError(
                e,
                "pod {Namespace}/{Name} was given up",
                Pod.Metadata.NamespaceProperty,
                Pod.Metadata.Name
            );
        }
        finally
        {
            _run.Sandbox?.Dispose();
        }
    }

    private async Task RunAsync()
    {
        var waiting = Pod.Spec.InitContainers is { Count: > 0 } ? "PodInitializing" : "ContainerCreating";
        foreach (var record in _run.Records.Where(record => record.State is { Terminated: null, Running: null }))
        {
            record.Wait(waiting);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_life.Token);
        var deadline = WatchDeadlineAsync(ending.Token);
        try
        {
            await _run.PublishAsync();
            _run.Sandbox = new PodSandbox(_node, Pod);
            await PrepareVolumesAsync();
            _run.PodIp = _run.Sandbox.PodIp;
            var refresh = RefreshVolumesAsync(ending.Token);
            if (!_run.Stopping.IsCancellationRequested)
            {
                await RunContainersAsync();
            }

            await ending.CancelAsync();
            await refresh.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _run.PublishAsync();
            _run.Sandbox.Release();
        }
        finally
        {
            await ending.CancelAsync();
            await deadline.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunContainersAsync()
    {
        using var sidecarsEnd = CancellationTokenSource.CreateLinkedTokenSource(_life.Token);
        var sidecars = new List<Task>();
        try
        {
            if (await InitializeAsync(sidecars, sidecarsEnd.Token))
            {
                await Task.WhenAll(
                    _run.Records.Where(r => !r.IsInit).Select(r => new ContainerLoop(_run, r).RunAsync(_run.Stopping))
                );
            }
        }
        finally
        {
            if (sidecars.Count > 0)
            {
                _run.Stop(TimeSpan.FromSeconds(Pod.Spec.TerminationGracePeriodSeconds ?? 30));
                await sidecarsEnd.CancelAsync();
                await Task.WhenAll(sidecars);
            }
        }
    }

    private async Task<bool> InitializeAsync(List<Task> sidecars, CancellationToken sidecarsEnd)
    {
        foreach (var record in _run.Records.Where(record => record.IsInit))
        {
            var loop = new ContainerLoop(_run, record);
            if (record.IsSidecar)
            {
                var running = loop.RunAsync(sidecarsEnd);
                sidecars.Add(running);
                while (!record.Started && !running.IsCompleted && !_run.Stopping.IsCancellationRequested)
                {
                    await Task.Delay(20, _life.Token);
                }
            }
            else
            {
                await loop.RunAsync(_run.Stopping);
                if (record.ExitCode != 0)
                {
                    return false;
                }
            }

            if (_run.Stopping.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    private async Task PrepareVolumesAsync()
    {
        var delay = TimeSpan.FromMilliseconds(200);
        while (!_run.Stopping.IsCancellationRequested)
        {
            try
            {
                await _run.Sandbox!.Volumes.PrepareAsync(_life.Token);
                return;
            }
            catch (VolumeException e)
            {
                _run.Event("Warning", "FailedMount", e.Message);
            }
            catch (Exception e) when (e is ApiRequestException or HttpRequestException)
            {
                _run.Event("Warning", "FailedMount", $"MountVolume.SetUp failed: {e.Message}");
            }

            await Task.Delay(delay, _run.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay < TimeSpan.FromSeconds(3) ? delay * 2 : delay;
        }
    }

    private async Task RefreshVolumesAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(_node.Options.VolumeRefresh, ct);
            await _run.Sandbox!.Volumes.RefreshAsync(ct);
        }
    }

    private async Task WatchDeadlineAsync(CancellationToken ct)
    {
        if (Pod.Spec.ActiveDeadlineSeconds is { } seconds)
        {
            var left = _run.StartTime.AddSeconds(seconds) - DateTime.UtcNow;
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, ct);
            _run.Fail("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
        }
    }

    // The last word of a deletion is the node's: a delete without grace, of exactly this Pod.
    private async Task ConfirmDeletionAsync()
    {
        var delay = TimeSpan.FromMilliseconds(100);
        while (!_gone.Task.IsCompleted)
        {
            try
            {
                var path = ResourceType.Pods.Path(Pod.Metadata.NamespaceProperty, Pod.Metadata.Name);
                await _node.Client.DeleteAsync(path, Pod.Metadata.Uid, null, _life.Token, graceSeconds: 0);
                return;
            }
            catch (Exception e) when (e is ApiRequestException or HttpRequestException)
            {
                await Task.Delay(delay, _life.Token);
                delay = delay < TimeSpan.FromSeconds(5) ? delay * 2 : delay;
            }
        }
    }
}
