using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Workloads;

/// <summary>Keeps as many Pods as a ReplicaSet wants.</summary>
internal sealed class ReplicaSetController : IController
{
    private readonly ControllerContext _context;
    private readonly WorkQueue<(string Namespace, string Name)> _queue;
    private readonly EventRecorder _events;

    public ReplicaSetController(ControllerContext context)
    {
        _context = context;
        _queue = context.Queue("replicaset-controller");
        _events = context.Events("replicaset-controller");
        context.ReplicaSets.OnChange((old, set) => _queue.Add((set ?? old)!.Key()));
        context.Pods.OnChange(
            (old, pod) =>
            {
                if ((pod ?? old)!.Controller() is { Kind: "ReplicaSet" } owner)
                {
                    _queue.Add(((pod ?? old)!.Metadata.NamespaceProperty, owner.Name));
                }
            }
        );
    }

    public Task RunAsync(CancellationToken ct) => _queue.RunAsync(SyncAsync, 2, ct);

    private async Task SyncAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (_context.ReplicaSets.Find(key.Namespace, key.Name) is not { } set)
        {
            return;
        }

        var owned = _context.Pods.InNamespace(key.Namespace).Where(pod => pod.IsControlledBy(set)).ToList();
        var active = owned
            .Where(pod => pod.IsActive())
            .OrderBy(pod => pod.IsReady())
            .ThenByDescending(pod => pod.Metadata.CreationTimestamp)
            .ToList();
        if (set.Metadata.DeletionTimestamp is null)
        {
            var wanted = set.Spec.Replicas ?? 1;
            foreach (var pod in active.Take(active.Count - wanted).ToList())
            {
                await _context.Client.DeleteAsync(
                    ResourceType.Pods.Path(key.Namespace, pod.Metadata.Name),
                    pod.Metadata.Uid,
                    null,
                    ct
                );
                _events.Record(
                    set,
                    ResourceType.ReplicaSets,
                    "Normal",
                    "SuccessfulDelete",
                    $"Deleted pod: {pod.Metadata.Name}"
                );
                active.Remove(pod);
                await ReadBackAsync(pod, ct);
            }

            while (active.Count < wanted)
            {
                active.Add(await CreateAsync(set, ct));
            }
        }

        await StoreAsync(set, active, owned.Count(pod => pod.IsDeleted() && !pod.IsTerminal()), ct);
    }

    private async Task ReadBackAsync(V1Pod pod, CancellationToken ct)
    {
        var left = await _context.Client.FindAsync<V1Pod>(
            ResourceType.Pods,
            pod.Metadata.NamespaceProperty,
            pod.Metadata.Name,
            ct
        );
        if (left is null)
        {
            _context.Pods.Forget(pod);
        }
        else
        {
            _context.Pods.Absorb(left);
        }
    }

    private async Task<V1Pod> CreateAsync(V1ReplicaSet set, CancellationToken ct)
    {
        var template = set.Spec.Template.Copy();
        var pod = new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta
            {
                GenerateName = $"{set.Metadata.Name}-",
                NamespaceProperty = set.Metadata.NamespaceProperty,
                Labels = template.Metadata?.Labels,
                Annotations = template.Metadata?.Annotations,
                OwnerReferences = [Ownership.Of(set, ResourceType.ReplicaSets)],
            },
            Spec = template.Spec,
        };
        try
        {
            var created = await _context.Client.CreateAsync(ResourceType.Pods, set.Metadata.NamespaceProperty, pod, ct);
            _context.Pods.Absorb(created);
            _events.Record(
                set,
                ResourceType.ReplicaSets,
                "Normal",
                "SuccessfulCreate",
                $"Created pod: {created.Metadata.Name}"
            );
            return created;
        }
        catch (ApiRequestException e)
        {
            _events.Record(set, ResourceType.ReplicaSets, "Warning", "FailedCreate", $"Error creating: {e.Message}");
            throw;
        }
    }

    private async Task StoreAsync(V1ReplicaSet set, List<V1Pod> active, int terminating, CancellationToken ct)
    {
        var ready = active.Count(pod => pod.IsReady());
        var labels = set.Spec.Template.Metadata?.Labels ?? new Dictionary<string, string>();
        var status = new V1ReplicaSetStatus
        {
            Replicas = active.Count,
            FullyLabeledReplicas = NullIfZero(
                active.Count(pod =>
                    labels.All(l => pod.Metadata.Labels?.TryGetValue(l.Key, out var v) == true && v == l.Value)
                )
            ),
            ReadyReplicas = NullIfZero(ready),
            AvailableReplicas = NullIfZero(ready),
            TerminatingReplicas = terminating,
            ObservedGeneration = set.Metadata.Generation,
            Conditions = set.Status?.Conditions,
        };
        if (KubernetesJson.Serialize(status) == KubernetesJson.Serialize(set.Status ?? new V1ReplicaSetStatus()))
        {
            return;
        }

        var copy = set.Copy();
        copy.Status = status;
        _context.ReplicaSets.Absorb(await _context.Client.ReplaceAsync(ResourceType.ReplicaSets, copy, "status", ct));
    }

    private static int? NullIfZero(int n) => n == 0 ? null : n;
}
