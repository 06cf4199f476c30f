using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Controllers;

/// <summary>One controller: runs until cancelled.</summary>
internal interface IController
{
    Task RunAsync(CancellationToken ct);
}

/// <summary>What the controllers share: the client, the clock, and one local copy per resource.</summary>
internal sealed class ControllerContext
{
    private readonly List<Task> _synced = [];
    private readonly List<Func<CancellationToken, Task>> _informers = [];

    public ControllerContext(IKubernetes client, ControllerOptions options)
    {
        Options = options;
        Client = new ResourceClient(client);
        Jobs = Inform<V1Job>(ResourceType.Jobs);
        CronJobs = Inform<V1CronJob>(ResourceType.CronJobs);
        Pods = Inform<V1Pod>(ResourceType.Pods);
        Nodes = Inform<V1Node>(ResourceType.Nodes);
        Services = Inform<V1Service>(ResourceType.Services);
        Namespaces = Inform<V1Namespace>(ResourceType.Namespaces);
        ServiceAccounts = Inform<V1ServiceAccount>(ResourceType.ServiceAccounts);
        Claims = Inform<V1PersistentVolumeClaim>(ResourceType.Claims);
        Deployments = Inform<V1Deployment>(ResourceType.Deployments);
        ReplicaSets = Inform<V1ReplicaSet>(ResourceType.ReplicaSets);
    }

    public ControllerOptions Options { get; }

    public TimeProvider Time => Options.Time;

    public ResourceClient Client { get; }

    public Informer<V1Job> Jobs { get; }

    public Informer<V1CronJob> CronJobs { get; }

    public Informer<V1Pod> Pods { get; }

    public Informer<V1Node> Nodes { get; }

    public Informer<V1Service> Services { get; }

    public Informer<V1Namespace> Namespaces { get; }

    public Informer<V1ServiceAccount> ServiceAccounts { get; }

    public Informer<V1PersistentVolumeClaim> Claims { get; }

    public Informer<V1Deployment> Deployments { get; }

    public Informer<V1ReplicaSet> ReplicaSets { get; }

    public IReadOnlyList<Func<CancellationToken, Task>> Informers => _informers;

    public Task SyncedAsync(CancellationToken ct) => Task.WhenAll(_synced).WaitAsync(TimeSpan.FromSeconds(60), ct);

    public ILogger Log(string component) => Options.Logging.CreateLogger($"devcluster.{component}");

    public EventRecorder Events(string component) => new(Client, component, Time, Log(component));

    public WorkQueue<(string Namespace, string Name)> Queue(string component) => new(Time, Log(component), component);

    private Informer<T> Inform<T>(ResourceType type)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var informer = new Informer<T>(Client, type, Log("informer"));
        _informers.Add(informer.RunAsync);
        _synced.Add(informer.Synced);
        return informer;
    }
}
