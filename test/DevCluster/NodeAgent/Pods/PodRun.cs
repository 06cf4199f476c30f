using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Status;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Pods;

/// <summary>
/// One Pod while it is on this node: its newest object, its containers' records, and the signals that end it.
/// </summary>
internal sealed class PodRun : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _killing = new();
    private readonly Lock _lock = new();
    private readonly PodStatusWriter _status;
    private volatile V1Pod _pod;
    private DateTime _killAt = DateTime.MaxValue;

    public PodRun(NodeContext node, V1Pod pod, CancellationToken life)
    {
        Node = node;
        _pod = pod;
        Life = life;
        StartTime = pod.Status?.StartTime ?? DateTime.UtcNow;
        V1ContainerStatus? Stored(V1Container c, IList<V1ContainerStatus>? all) =>
            all?.FirstOrDefault(status => status.Name == c.Name);
        Records =
        [
            .. (pod.Spec.InitContainers ?? []).Select(c => new ContainerRecord(
                c,
                true,
                Stored(c, pod.Status?.InitContainerStatuses)
            )),
            .. pod.Spec.Containers.Select(c => new ContainerRecord(c, false, Stored(c, pod.Status?.ContainerStatuses))),
        ];
        _status = new PodStatusWriter(node.Client, () => _pod, BuildStatus, node.Pods.Absorb, node.Log);
    }

    public NodeContext Node { get; }

    public V1Pod Pod
    {
        get => _pod;
        set => _pod = value;
    }

    public IReadOnlyList<ContainerRecord> Records { get; }

    /// <summary>
    /// With its fraction of a second, which the status does not hold: a deadline counted from the cut time would come
    /// early.
    /// </summary>
    public DateTime StartTime { get; }

    /// <summary>Set once the Pod's files are on the host.</summary>
    public PodSandbox? Sandbox { get; set; }

    /// <summary>The address in the status: it stays there after it was given back.</summary>
    public string? PodIp { get; set; }

    /// <summary>Ends when the agent stops; nothing is written to the API after that.</summary>
    public CancellationToken Life { get; }

    /// <summary>No container is to be started any more; running ones are asked to end.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>The grace period is over.</summary>
    public CancellationToken Killing => _killing.Token;

    public (string Reason, string Message)? Failure { get; private set; }

    /// <summary>Asks the Pod to end within <paramref name="grace"/>; may be called again with less.</summary>
    public void Stop(TimeSpan grace)
    {
        lock (_lock)
        {
            var at = DateTime.UtcNow + grace;
            if (at < _killAt)
            {
                _killAt = at;
                if (grace <= TimeSpan.Zero)
                {
                    _killing.Cancel();
                }
                else
                {
                    _killing.CancelAfter(grace);
                }
            }
        }

        _stopping.Cancel();
    }

    /// <summary>Ends the Pod for a reason that the node has.</summary>
    public void Fail(string reason, string message)
    {
        Failure = (reason, message);
        Stop(TimeSpan.FromSeconds(Pod.Spec.TerminationGracePeriodSeconds ?? 30));
    }

    public Task PublishAsync() => _status.WriteAsync(Life);

    public void Event(string type, string reason, string message, ContainerRecord? about = null)
    {
        var path = about is null ? null : $"spec.{(about.IsInit ? "initContainers" : "containers")}{{{about.Name}}}";
        Node.Events.Record(Pod, ResourceType.Pods, type, reason, message, path);
    }

    public void Dispose()
    {
        _status.Dispose();
        _stopping.Dispose();
        _killing.Dispose();
    }

    private V1PodStatus BuildStatus()
    {
        var frame = new PodFrame(PodIp, Node.HostIp, StartTime, Failure, _stopping.IsCancellationRequested);
        return PodStatusBuilder.Build(_pod, Records, frame, TimeProvider.System.NowSeconds());
    }
}
