using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Cluster;

/// <summary>
/// Empties a namespace that is being deleted, says what still holds it, and lets it go when it is empty.
/// </summary>
internal sealed class NamespaceController : IController
{
    private readonly ControllerContext _context;
    private readonly WorkQueue<(string Namespace, string Name)> _queue;
    private CancellationToken _stopping;

    public NamespaceController(ControllerContext context)
    {
        _context = context;
        _queue = context.Queue("namespace-controller");
        context.Namespaces.OnChange(
            (_, ns) =>
            {
                if (ns?.Metadata.DeletionTimestamp is { } deleted)
                {
                    var due = deleted + context.Options.NamespaceGrace - context.Time.GetUtcNow().UtcDateTime;
                    _queue.AddAfter(ns.Key(), due, _stopping);
                }
            }
        );
    }

    public Task RunAsync(CancellationToken ct)
    {
        _stopping = ct;
        return _queue.RunAsync(SyncAsync, 2, ct);
    }

    private async Task SyncAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (
            _context.Namespaces.Find(null, key.Name) is not { Metadata.DeletionTimestamp: not null } ns
            || ns.Spec?.Finalizers?.Contains("kubernetes") != true
        )
        {
            return;
        }

        var resources = (await Discovery.ReadAsync(_context.Client, ct))
            .Where(r => r.Type.Namespaced && r.IsStored)
            .ToList();

        // Pods go first: what they use stays until the last of them has ended.
        await DeleteAllAsync(ResourceType.Pods, key.Name, ct);
        var pods = await ItemsAsync(ResourceType.Pods, key.Name, ct);
        foreach (var resource in resources.Where(_ => pods.Count == 0))
        {
            await DeleteAllAsync(resource.Type, key.Name, ct);
        }

        var left = new List<(ResourceType Type, JsonObject Item)>();
        foreach (var resource in resources)
        {
            left.AddRange((await ItemsAsync(resource.Type, key.Name, ct)).Select(item => (resource.Type, item)));
        }

        await SayAsync(ns, left, ct);
        if (left.Count == 0)
        {
            await FinalizeAsync(ns, ct);
            return;
        }

        // Soon again: what is left ends with its containers or with a finalizer that somebody takes away.
        await Task.Delay(TimeSpan.FromMilliseconds(300), ct);
        _queue.Add(key);
    }

    private async Task DeleteAllAsync(ResourceType type, string ns, CancellationToken ct)
    {
        foreach (var item in await ItemsAsync(type, ns, ct))
        {
            if (item["metadata"]!["deletionTimestamp"] is null)
            {
                await _context.Client.DeleteAsync(
                    type.Path(ns, (string)item["metadata"]!["name"]!),
                    (string?)item["metadata"]!["uid"],
                    "Background",
                    ct
                );
            }
        }
    }

    private async Task<List<JsonObject>> ItemsAsync(ResourceType type, string ns, CancellationToken ct)
    {
        try
        {
            var list = await _context.Client.ListMetadataAsync(type.Path(ns), ct);
            return [.. (list["items"] as JsonArray ?? []).Select(item => item!.AsObject())];
        }
        catch (ApiRequestException e) when (e.IsNotFound)
        {
            return [];
        }
    }

    private async Task SayAsync(V1Namespace ns, List<(ResourceType Type, JsonObject Item)> left, CancellationToken ct)
    {
        var counts = left.GroupBy(entry => entry.Type.ToString(), StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToList();
        var finalizers = left.SelectMany(entry =>
                (entry.Item["metadata"]!["finalizers"] as JsonArray ?? []).Select(name => (string)name!)
            )
            .GroupBy(name => name, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToList();
        (string Type, bool Bad, string GoodReason, string GoodMessage, string BadReason, string BadMessage)[] states =
        [
            (
                "NamespaceDeletionDiscoveryFailure",
                false,
                "ResourcesDiscovered",
                "All resources successfully discovered",
                "",
                ""
            ),
            (
                "NamespaceDeletionGroupVersionParsingFailure",
                false,
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed",
                "",
                ""
            ),
            (
                "NamespaceDeletionContentFailure",
                false,
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
                "",
                ""
            ),
            (
                "NamespaceContentRemaining",
                counts.Count > 0,
                "ContentRemoved",
                "All content successfully removed",
                "SomeResourcesRemain",
                "Some resources are remaining: "
                    + string.Join(", ", counts.Select(g => $"{g.Key} has {g.Count()} resource instances"))
            ),
            (
                "NamespaceFinalizersRemaining",
                finalizers.Count > 0,
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished",
                "SomeFinalizersRemain",
                "Some content in the namespace has finalizers remaining: "
                    + string.Join(", ", finalizers.Select(g => $"{g.Key} in {g.Count()} resource instances"))
            ),
        ];
        var conditions = states
            .Select(state =>
                Condition(
                    ns,
                    state.Type,
                    state.Bad,
                    state.Bad ? state.BadReason : state.GoodReason,
                    state.Bad ? state.BadMessage : state.GoodMessage
                )
            )
            .ToArray();
        if (conditions.Select(Text).SequenceEqual((ns.Status?.Conditions ?? []).Select(Text), StringComparer.Ordinal))
        {
            return;
        }

        var patch = new JsonObject
        {
            ["status"] = new JsonObject { ["conditions"] = JsonNode.Parse(KubernetesJson.Serialize(conditions)) },
        };
        try
        {
            var json = await _context.Client.MergePatchAsync(
                ResourceType.Namespaces.Path(null, ns.Metadata.Name, "status"),
                patch,
                ct
            );
            _context.Namespaces.Absorb(KubernetesJson.Deserialize<V1Namespace>(json));
        }
        catch (ApiRequestException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }

    private static string Text(V1NamespaceCondition c) => $"{c.Type}={c.Status} {c.Reason} {c.Message}";

    private V1NamespaceCondition Condition(V1Namespace ns, string type, bool bad, string reason, string message)
    {
        var status = bad ? "True" : "False";
        var known = ns.Status?.Conditions?.FirstOrDefault(c => c.Type == type && c.Status == status);
        return new V1NamespaceCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastTransitionTime = known?.LastTransitionTime ?? _context.Time.NowSeconds(),
        };
    }

    private async Task FinalizeAsync(V1Namespace ns, CancellationToken ct)
    {
        var path = ResourceType.Namespaces.Path(null, ns.Metadata.Name);
        try
        {
            var live = await _context.Client.GetAsync(path, ct);
            if (live["spec"]?["finalizers"] is JsonArray list)
            {
                live["spec"]!["finalizers"] = new JsonArray([
                    .. list.Where(f => (string?)f != "kubernetes").Select(f => f!.DeepClone()),
                ]);
            }

            await _context.Client.PutAsync($"{path}/finalize", live.ToJsonString(), ct);
        }
        catch (ApiRequestException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }
}
