using Granary.DevCluster.Machinery;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Garbage;

/// <summary>An object in the graph.</summary>
internal sealed record GraphNode(ResourceType Type, V1ObjectMeta Metadata)
{
    public bool IsDeleted => Metadata.DeletionTimestamp is not null;

    public IEnumerable<V1OwnerReference> Owners => Metadata.OwnerReferences ?? [];

    public string Path => Type.Path(Metadata.NamespaceProperty, Metadata.Name);

    public bool HasFinalizer(string name) => Metadata.Finalizers?.Contains(name) == true;
}

/// <summary>Who owns whom, by uid.</summary>
internal sealed class OwnerGraph
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _dependents = new(StringComparer.Ordinal);

    public GraphNode? Find(string uid)
    {
        lock (_lock)
        {
            return _nodes.GetValueOrDefault(uid);
        }
    }

    public IReadOnlyList<GraphNode> DependentsOf(string uid)
    {
        lock (_lock)
        {
            return _dependents.TryGetValue(uid, out var set) ? [.. set.Select(dependent => _nodes[dependent])] : [];
        }
    }

    public void Put(GraphNode node)
    {
        lock (_lock)
        {
            Unlink(node.Metadata.Uid);
            _nodes[node.Metadata.Uid] = node;
            foreach (var owner in node.Owners)
            {
                if (!_dependents.TryGetValue(owner.Uid, out var set))
                {
                    _dependents[owner.Uid] = set = new HashSet<string>(StringComparer.Ordinal);
                }

                set.Add(node.Metadata.Uid);
            }
        }
    }

    public void Remove(string uid)
    {
        lock (_lock)
        {
            Unlink(uid);
            _nodes.Remove(uid);
        }
    }

    private void Unlink(string uid)
    {
        foreach (var owner in _nodes.GetValueOrDefault(uid)?.Owners ?? [])
        {
            if (_dependents.TryGetValue(owner.Uid, out var set) && set.Remove(uid) && set.Count == 0)
            {
                _dependents.Remove(owner.Uid);
            }
        }
    }
}
