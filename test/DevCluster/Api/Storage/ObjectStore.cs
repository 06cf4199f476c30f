using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Storage;

/// <summary>Every object of the cluster, in memory, under one counter of revisions.</summary>
/// <param name="window">How many changes of each resource a watch can go back, at least.</param>
internal sealed class ObjectStore(int window)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceTable> _tables = new(StringComparer.Ordinal);
    private long _revision = 1;

    /// <summary>
    /// Called with every change, after it is stored and outside the lock. Set before the first write.
    /// </summary>
    public Action<string, StoredChange>? Stored { get; set; }

    public long Revision
    {
        get
        {
            lock (_gate)
            {
                return _revision;
            }
        }
    }

    public StoredObject? Get(string resource, string ns, string name)
    {
        lock (_gate)
        {
            return Table(resource).Objects.GetValueOrDefault((ns, name));
        }
    }

    /// <summary>
    /// All objects of a resource (in one namespace unless null), by namespace and name, and the revision they are of.
    /// </summary>
    public (IReadOnlyList<StoredObject> Objects, long Revision) List(string resource, string? ns = null)
    {
        lock (_gate)
        {
            var all = Table(resource).Objects.Values;
            return (
                [.. all.Where(o => ns is null || string.Equals(o.Namespace, ns, StringComparison.Ordinal))],
                _revision
            );
        }
    }

    /// <summary>Stores a new object; null when there is one of that name.</summary>
    public StoredObject? Create(string resource, string ns, string name, JsonObject value)
    {
        StoredChange change;
        lock (_gate)
        {
            var table = Table(resource);
            if (table.Objects.ContainsKey((ns, name)))
            {
                return null;
            }

            change = Put(table, ChangeType.Added, ns, name, value, previous: null);
        }

        Stored?.Invoke(resource, change);
        return change.Object;
    }

    /// <summary>Replaces an object that is still at a revision; null when it has moved on or gone.</summary>
    public StoredObject? Update(string resource, StoredObject expected, JsonObject value)
    {
        StoredChange change;
        lock (_gate)
        {
            var table = Table(resource);
            if (Current(table, expected) is not { } current)
            {
                return null;
            }

            change = Put(table, ChangeType.Modified, current.Namespace, current.Name, value, current);
        }

        Stored?.Invoke(resource, change);
        return change.Object;
    }

    /// <summary>Removes an object that is still at a revision; null when it has moved on or gone.</summary>
    /// <param name="last">The state that watchers see; the stored one when null.</param>
    public StoredObject? Delete(string resource, StoredObject expected, JsonObject? last = null)
    {
        StoredChange change;
        lock (_gate)
        {
            var table = Table(resource);
            if (Current(table, expected) is not { } current)
            {
                return null;
            }

            table.Objects.Remove((current.Namespace, current.Name));
            var gone = Versioned(current.Namespace, current.Name, last ?? current.Value.Copy());
            change = new StoredChange(ChangeType.Deleted, gone.Revision, gone, current);
            table.Append(change);
        }

        Stored?.Invoke(resource, change);
        return change.Object;
    }

    /// <summary>Changes of a resource after a revision, or null when they are no longer all known.</summary>
    /// <param name="now">The store's revision at that moment.</param>
    /// <param name="changed">Completed by the next change of this resource.</param>
    public List<StoredChange>? ChangesAfter(string resource, long revision, int limit, out long now, out Task changed)
    {
        lock (_gate)
        {
            var table = Table(resource);
            now = _revision;
            changed = table.Changed;
            return revision < table.Compacted ? null : table.After(revision, limit);
        }
    }

    /// <summary>Forgets the log of a resource, so that watches of the past end with 410 Expired.</summary>
    public void Compact(string resource)
    {
        lock (_gate)
        {
            Table(resource).CompactAll();
        }
    }

    private static StoredObject? Current(ResourceTable table, StoredObject expected) =>
        table.Objects.TryGetValue((expected.Namespace, expected.Name), out var current)
        && current.Revision == expected.Revision
            ? current
            : null;

    private StoredChange Put(
        ResourceTable table,
        ChangeType type,
        string ns,
        string name,
        JsonObject value,
        StoredObject? previous
    )
    {
        var stored = Versioned(ns, name, value);
        table.Objects[(ns, name)] = stored;
        var change = new StoredChange(type, stored.Revision, stored, previous);
        table.Append(change);
        return change;
    }

    private StoredObject Versioned(string ns, string name, JsonObject value)
    {
        _revision++;
        value.Child("metadata")["resourceVersion"] = _revision.ToString(CultureInfo.InvariantCulture);
        return new StoredObject(ns, name, _revision, value);
    }

    private ResourceTable Table(string resource)
    {
        if (!_tables.TryGetValue(resource, out var table))
        {
            _tables[resource] = table = new ResourceTable(window);
        }

        return table;
    }
}
