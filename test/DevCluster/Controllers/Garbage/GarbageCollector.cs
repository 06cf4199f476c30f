using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Controllers.Garbage;

/// <summary>
/// Deletes what has lost its owners, and serves the deletion policies: <c>foregroundDeletion</c> holds an owner until
/// its blocking dependents are gone, <c>orphan</c> until they have forgotten it. Works on every stored resource, custom
/// ones included.
/// </summary>
internal sealed class GarbageCollector : IController, IDisposable
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";

    private readonly ControllerContext _context;
    private readonly ILogger _log;
    private readonly OwnerGraph _graph = new();
    private readonly WorkQueue<string> _queue;
    private readonly Dictionary<ResourceType, CancellationTokenSource> _watched = [];
    private readonly SemaphoreSlim _rediscover = new(0);
    private volatile IReadOnlyList<DiscoveredResource> _resources = [];

    public GarbageCollector(ControllerContext context)
    {
        _context = context;
        _log = context.Log("garbage-collector");
        _queue = new WorkQueue<string>(context.Time, _log, "garbage-collector");
    }

    public void Dispose() => _rediscover.Dispose();

    public Task RunAsync(CancellationToken ct) => Task.WhenAll(_queue.RunAsync(ProcessAsync, 4, ct), DiscoverAsync(ct));

    private async Task DiscoverAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                _resources = await Discovery.ReadAsync(_context.Client, ct);
                Follow([.. _resources.Where(r => r.IsStored && r.Type.Plural != "events").Select(r => r.Type)], ct);
                await _rediscover.WaitAsync(TimeSpan.FromSeconds(30), ct);

                // A definition becomes discoverable a moment after its event; several often come together.
                await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
                while (await _rediscover.WaitAsync(0, ct)) { }
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                _log.LogDebug(e, "discovery failed");
                await Task.Delay(TimeSpan.FromSeconds(1), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Follow(HashSet<ResourceType> types, CancellationToken ct)
    {
        foreach (var gone in _watched.Keys.Where(type => !types.Contains(type)).ToList())
        {
            _watched[gone].Cancel();
            _watched.Remove(gone);
        }

        foreach (var type in types.Where(type => !_watched.ContainsKey(type)))
        {
            var stop = _watched[type] = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var informer = new Informer<PartialObject>(_context.Client, type, _log, metadataOnly: true);
            informer.OnChange((old, item) => OnChanged(type, old?.Metadata, item?.Metadata));
            _ = informer.RunAsync(stop.Token);
        }
    }

    private void OnChanged(ResourceType type, V1ObjectMeta? old, V1ObjectMeta? item)
    {
        if (type == ResourceType.Definitions)
        {
            _rediscover.Release();
        }

        // The same name may come back under another uid without a deletion having been seen.
        if (old is not null && old.Uid != item?.Uid)
        {
            _graph.Remove(old.Uid);
            foreach (var dependent in _graph.DependentsOf(old.Uid))
            {
                _queue.Add(dependent.Metadata.Uid);
            }
        }

        if (item is not null)
        {
            _graph.Put(new GraphNode(type, item));
            _queue.Add(item.Uid);
        }

        foreach (var owner in (old?.OwnerReferences ?? []).Concat(item?.OwnerReferences ?? []))
        {
            if (_graph.Find(owner.Uid) is { IsDeleted: true })
            {
                _queue.Add(owner.Uid);
            }
        }
    }

    private async Task ProcessAsync(string uid, CancellationToken ct)
    {
        if (_graph.Find(uid) is not { } node)
        {
            return;
        }

        if (!node.IsDeleted)
        {
            await CollectAsync(node, ct);
        }
        else if (node.HasFinalizer(Orphan))
        {
            foreach (var dependent in _graph.DependentsOf(uid))
            {
                await DisownAsync(dependent, owner => owner.Uid != uid, ct);
            }

            await DropFinalizerAsync(node, Orphan, ct);
        }
        else if (node.HasFinalizer(Foreground))
        {
            var dependents = _graph.DependentsOf(uid);
            if (!dependents.Any(d => d.Owners.Any(owner => owner.Uid == uid && owner.BlockOwnerDeletion == true)))
            {
                await DropFinalizerAsync(node, Foreground, ct);
            }

            foreach (var dependent in dependents)
            {
                _queue.Add(dependent.Metadata.Uid);
            }
        }
    }

    private async Task CollectAsync(GraphNode node, CancellationToken ct)
    {
        var solid = new List<V1OwnerReference>();
        var waiting = 0;
        var dangling = 0;
        foreach (var owner in node.Owners)
        {
            switch (await LookUpAsync(node, owner, ct))
            {
                case OwnerState.Absent:
                    dangling++;
                    break;
                case OwnerState.Waiting when owner.BlockOwnerDeletion == true:
                    waiting++;
                    break;
                default:
                    solid.Add(owner);
                    break;
            }
        }

        if (waiting + dangling == 0)
        {
            return;
        }

        if (solid.Count > 0)
        {
            await DisownAsync(node, owner => solid.Contains(owner), ct);
            return;
        }

        var policy =
            waiting > 0 && _graph.DependentsOf(node.Metadata.Uid).Count > 0 ? "Foreground"
            : node.HasFinalizer(Orphan) ? "Orphan"
            : node.HasFinalizer(Foreground) ? "Foreground"
            : "Background";
        await _context.Client.DeleteAsync(node.Path, node.Metadata.Uid, policy, ct);
    }

    private async Task<OwnerState> LookUpAsync(GraphNode node, V1OwnerReference owner, CancellationToken ct)
    {
        if (_graph.Find(owner.Uid) is { } known)
        {
            return known.IsDeleted && known.HasFinalizer(Foreground) ? OwnerState.Waiting : OwnerState.Solid;
        }

        var slash = owner.ApiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : owner.ApiVersion[..slash];
        var type = _resources.FirstOrDefault(r => r.Type.Group == group && r.Type.Kind == owner.Kind)?.Type
            ?? throw new InvalidOperationException(
                $"no resource is known for owner kind {owner.ApiVersion} {owner.Kind}"
            );
        if (type.Namespaced && string.IsNullOrEmpty(node.Metadata.NamespaceProperty))
        {
            // A cluster-scoped object cannot have a namespaced owner; Kubernetes reports it and leaves the object
            // alone.
            return OwnerState.Solid;
        }

        var live = await _context.Client.FindAsync<PartialObject>(
            type,
            type.Namespaced ? node.Metadata.NamespaceProperty : null,
            owner.Name,
            ct
        );
        return live is null || live.Metadata.Uid != owner.Uid ? OwnerState.Absent
            : live.Metadata.DeletionTimestamp is not null && live.Metadata.Finalizers?.Contains(Foreground) == true
                ? OwnerState.Waiting
            : OwnerState.Solid;
    }

    private async Task DisownAsync(GraphNode node, Func<V1OwnerReference, bool> keep, CancellationToken ct)
    {
        var kept = node
            .Owners.Where(keep)
            .Select(owner => JsonNode.Parse(k8s.KubernetesJson.Serialize(owner)))
            .ToArray();
        await PatchAsync(node, "ownerReferences", kept, ct);
    }

    private Task DropFinalizerAsync(GraphNode node, string finalizer, CancellationToken ct) =>
        PatchAsync(
            node,
            "finalizers",
            [.. node.Metadata.Finalizers.Where(name => name != finalizer).Select(name => (JsonNode?)name)],
            ct
        );

    private async Task PatchAsync(GraphNode node, string field, JsonNode?[] values, CancellationToken ct)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = node.Metadata.Uid,
                ["resourceVersion"] = node.Metadata.ResourceVersion,
                [field] = values.Length == 0 ? null : new JsonArray(values),
            },
        };
        try
        {
            await _context.Client.MergePatchAsync(node.Path, patch, ct);
        }
        catch (ApiRequestException e) when (e.IsNotFound)
        {
            // Gone in the meantime.
        }
    }

    private enum OwnerState
    {
        Solid,
        Waiting,
        Absent,
    }
}
