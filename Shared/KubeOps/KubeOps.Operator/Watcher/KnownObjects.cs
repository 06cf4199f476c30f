using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;

namespace KubeOps.Operator.Watcher;

/// <summary>What a controller has seen of each object: decides which changes matter and notices what is gone.</summary>
/// <remarks>
/// Memory: the last snapshot of every object that exists, since the controller receives it when the object is gone.
/// Not safe for concurrent use; one watch loop owns it.
/// </remarks>
internal sealed class KnownObjects<TEntity>(ReconcileStrategy strategy)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private readonly Dictionary<string, Seen> _byUid = [];

    /// <summary>Number of objects.</summary>
    public int Count => _byUid.Count;

    /// <summary>Takes in an object that exists, and says whether and as what it is to be reconciled.</summary>
    public ReconciliationType? Observe(TEntity entity)
    {
        var uid = Identity(entity);
        var mark = Mark.Of(entity);
        if (!_byUid.TryGetValue(uid, out var seen))
        {
            _byUid[uid] = new Seen(entity, mark);
            return ReconciliationType.Added;
        }

        _byUid[uid] = new Seen(entity, mark);
        if (seen.Mark is null)
        {
            // Known from before leadership was lost, but its reconciliation may not have happened.
            return ReconciliationType.Added;
        }

        return IsChanged(seen.Mark, mark) ? ReconciliationType.Modified : null;
    }

    /// <summary>Takes in that an object is gone.</summary>
    public void Remove(TEntity entity) => _byUid.Remove(Identity(entity));

    /// <summary>Takes in a complete list, and answers the last snapshots of what is missing from it.</summary>
    public IReadOnlyList<TEntity> RemoveMissing(IEnumerable<TEntity> listed)
    {
        var present = listed.Select(Identity).ToHashSet();
        var gone = _byUid.Where(known => !present.Contains(known.Key)).ToList();
        foreach (var (uid, _) in gone)
        {
            _byUid.Remove(uid);
        }

        return [.. gone.Select(known => known.Value.Snapshot)];
    }

    /// <summary>
    /// Makes every object count as new, but remembers that it existed, so that its end is still noticed.
    /// </summary>
    public void ForgetReconciliations()
    {
        foreach (var (uid, seen) in _byUid.ToList())
        {
            _byUid[uid] = seen with { Mark = null };
        }
    }

    private static string Identity(TEntity entity) => entity.Uid() ?? $"{entity.Namespace()}/{entity.Name()}";

    private bool IsChanged(Mark before, Mark now)
    {
        if (before.ResourceVersion is not null && before.ResourceVersion == now.ResourceVersion)
        {
            return false;
        }

        if (strategy == ReconcileStrategy.ByResourceVersion || now.Generation is null)
        {
            return true;
        }

        return now.Deletion is not null ? now.Deletion != before.Deletion : now.Generation > (before.Generation ?? 0);
    }

    private sealed record Seen(TEntity Snapshot, Mark? Mark);

    /// <summary>
    /// The facts that decide whether a change matters. While an object is being deleted its finalizers matter too.
    /// </summary>
    private sealed record Mark(string? ResourceVersion, long? Generation, string? Deletion)
    {
        public static Mark Of(TEntity entity)
        {
            var metadata = entity.Metadata;
            var deletion = metadata?.DeletionTimestamp is null
                ? null
                : $"{metadata.DeletionTimestamp:O}|{metadata.DeletionGracePeriodSeconds}|{metadata.Generation}|"
                    + string.Join(',', metadata.Finalizers ?? []);
            return new Mark(metadata?.ResourceVersion, metadata?.Generation, deletion);
        }
    }
}
