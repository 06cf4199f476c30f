using System.Globalization;
using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Workloads;

/// <summary>Rolls a Deployment out: a ReplicaSet per template, the new one up, the old ones down.</summary>
internal sealed class DeploymentController : IController
{
    private const string HashLabel = "pod-template-hash";
    private const string Revision = "deployment.kubernetes.io/revision";

    private readonly ControllerContext _context;
    private readonly WorkQueue<(string Namespace, string Name)> _queue;
    private readonly EventRecorder _events;

    public DeploymentController(ControllerContext context)
    {
        _context = context;
        _queue = context.Queue("deployment-controller");
        _events = context.Events("deployment-controller");
        context.Deployments.OnChange((old, deployment) => _queue.Add((deployment ?? old)!.Key()));
        context.ReplicaSets.OnChange(
            (old, set) =>
            {
                if ((set ?? old)!.Controller() is { Kind: "Deployment" } owner)
                {
                    _queue.Add(((set ?? old)!.Metadata.NamespaceProperty, owner.Name));
                }
            }
        );
    }

    public Task RunAsync(CancellationToken ct) => _queue.RunAsync(SyncAsync, 2, ct);

    private async Task SyncAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (_context.Deployments.Find(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null } deployment)
        {
            return;
        }

        var sets = Sets(deployment);
        var hash = TemplateHash.Of(deployment.Spec.Template);
        var current = sets.Find(set => set.Metadata.Labels.Get(HashLabel) == hash);
        if (deployment.Spec.Paused != true)
        {
            var outdated = sets.Where(set => set != current).ToList();
            current = await RollAsync(deployment, current, outdated, hash, ct);
            await TrimAsync(deployment, outdated, ct);
            deployment = await MarkRevisionAsync(deployment, current, ct);
        }

        await new DeploymentAccount(_context, deployment, current, Sets(deployment)).StoreAsync(ct);
    }

    private List<V1ReplicaSet> Sets(V1Deployment deployment) =>
        _context
            .ReplicaSets.InNamespace(deployment.Metadata.NamespaceProperty)
            .Where(set => set.IsControlledBy(deployment))
            .ToList();

    private async Task<V1ReplicaSet> RollAsync(
        V1Deployment deployment,
        V1ReplicaSet? current,
        List<V1ReplicaSet> outdated,
        string hash,
        CancellationToken ct
    )
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        var recreate = deployment.Spec.Strategy?.Type == "Recreate";
        if (recreate)
        {
            foreach (var set in outdated)
            {
                await ScaleAsync(deployment, set, 0, ct);
            }

            if (outdated.Any(set => (set.Status?.Replicas ?? 0) + (set.Status?.TerminatingReplicas ?? 0) > 0))
            {
                return current ?? await CreateAsync(deployment, outdated, hash, 0, ct);
            }
        }

        var surge = recreate
            ? 0
            : Math.Max(1, Share(deployment.Spec.Strategy?.RollingUpdate?.MaxSurge, wanted, roundUp: true));
        var others = outdated.Sum(set => set.Spec.Replicas ?? 0);
        var room = Math.Max(0, wanted + (others == 0 ? 0 : surge) - others);
        var target = Math.Min(wanted, Math.Max(room, current?.Spec.Replicas ?? 0));
        current = current is null
            ? await CreateAsync(deployment, outdated, hash, target, ct)
            : await ScaleAsync(deployment, current, target, ct);

        // An old Pod goes when a new one is there for it.
        var available = current.Status?.AvailableReplicas ?? 0;
        var keep = Math.Max(0, wanted - available);
        foreach (var set in outdated.OrderBy(RevisionOf))
        {
            var stay = Math.Min(set.Spec.Replicas ?? 0, keep);
            await ScaleAsync(deployment, set, stay, ct);
            keep -= stay;
        }

        return current;
    }

    private static int RevisionOf(V1ReplicaSet set) =>
        int.TryParse(set.Metadata.Annotations.Get(Revision), CultureInfo.InvariantCulture, out var n) ? n : 0;

    private static int Share(IntOrString? value, int of, bool roundUp)
    {
        var text = value?.Value ?? "25%";
        if (!text.EndsWith('%'))
        {
            return int.Parse(text, CultureInfo.InvariantCulture);
        }

        var share = of * int.Parse(text[..^1], CultureInfo.InvariantCulture) / 100.0;
        return (int)(roundUp ? Math.Ceiling(share) : Math.Floor(share));
    }

    private async Task<V1ReplicaSet> CreateAsync(
        V1Deployment deployment,
        List<V1ReplicaSet> outdated,
        string hash,
        int replicas,
        CancellationToken ct
    )
    {
        var template = deployment.Spec.Template.Copy();
        (template.Metadata ??= new V1ObjectMeta()).Labels ??= new Dictionary<string, string>();
        template.Metadata.Labels[HashLabel] = hash;
        var selector = deployment.Spec.Selector.Copy();
        (selector.MatchLabels ??= new Dictionary<string, string>())[HashLabel] = hash;
        var revision = outdated.Select(RevisionOf).DefaultIfEmpty(0).Max() + 1;
        var set = new V1ReplicaSet
        {
            ApiVersion = "apps/v1",
            Kind = "ReplicaSet",
            Metadata = new V1ObjectMeta
            {
                Name = $"{deployment.Metadata.Name}-{hash}",
                NamespaceProperty = deployment.Metadata.NamespaceProperty,
                Labels = template.Metadata.Labels,
                Annotations = new Dictionary<string, string>
                {
                    ["deployment.kubernetes.io/desired-replicas"] = $"{deployment.Spec.Replicas ?? 1}",
                    ["deployment.kubernetes.io/max-replicas"] = $"{(deployment.Spec.Replicas ?? 1) + 1}",
                    [Revision] = $"{revision}",
                },
                OwnerReferences = [Ownership.Of(deployment, ResourceType.Deployments)],
            },
            Spec = new V1ReplicaSetSpec
            {
                Replicas = replicas,
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = selector,
                Template = template,
            },
        };
        set = await _context.Client.CreateAsync(
            ResourceType.ReplicaSets,
            deployment.Metadata.NamespaceProperty,
            set,
            ct
        );
        _context.ReplicaSets.Absorb(set);
        _events.Record(
            deployment,
            ResourceType.Deployments,
            "Normal",
            "ScalingReplicaSet",
            $"Scaled up replica set {set.Metadata.Name} from 0 to {replicas}"
        );
        return set;
    }

    private async Task<V1ReplicaSet> ScaleAsync(
        V1Deployment deployment,
        V1ReplicaSet set,
        int replicas,
        CancellationToken ct
    )
    {
        var from = set.Spec.Replicas ?? 0;
        if (from == replicas)
        {
            return set;
        }

        var copy = set.Copy();
        copy.Spec.Replicas = replicas;
        copy = await _context.Client.ReplaceAsync(ResourceType.ReplicaSets, copy, null, ct);
        _context.ReplicaSets.Absorb(copy);
        _events.Record(
            deployment,
            ResourceType.Deployments,
            "Normal",
            "ScalingReplicaSet",
            $"Scaled {(replicas > from ? "up" : "down")} replica set {set.Metadata.Name} from {from} to {replicas}"
        );
        return copy;
    }

    private async Task TrimAsync(V1Deployment deployment, List<V1ReplicaSet> outdated, CancellationToken ct)
    {
        var idle = outdated
            .Where(set => set.Spec.Replicas == 0 && (set.Status?.Replicas ?? 0) == 0)
            .OrderBy(RevisionOf)
            .ToList();
        foreach (var set in idle.SkipLast(deployment.Spec.RevisionHistoryLimit ?? 10))
        {
            await _context.Client.DeleteAsync(
                ResourceType.ReplicaSets.Path(set.Metadata.NamespaceProperty, set.Metadata.Name),
                set.Metadata.Uid,
                "Background",
                ct
            );
        }
    }

    private async Task<V1Deployment> MarkRevisionAsync(
        V1Deployment deployment,
        V1ReplicaSet current,
        CancellationToken ct
    )
    {
        var revision = $"{RevisionOf(current)}";
        if (deployment.Metadata.Annotations.Get(Revision) == revision)
        {
            return deployment;
        }

        var copy = deployment.Copy();
        (copy.Metadata.Annotations ??= new Dictionary<string, string>())[Revision] = revision;
        copy = await _context.Client.ReplaceAsync(ResourceType.Deployments, copy, null, ct);
        _context.Deployments.Absorb(copy);
        return copy;
    }
}
