namespace Granary.DevCluster.Api.Storage;

/// <summary>Objects of one resource with a bounded log of their changes. The store's lock guards it.</summary>
internal sealed class ResourceTable(int window)
{
    private readonly List<StoredChange> _log = [];

    private TaskCompletionSource _changed = NewSignal();

    public SortedDictionary<(string Namespace, string Name), StoredObject> Objects { get; } = new(KeyOrder.Instance);

    /// <summary>The log reaches back to changes after this revision.</summary>
    public long Compacted { get; private set; }

    /// <summary>Completed by the next change.</summary>
    public Task Changed => _changed.Task;

    public void Append(StoredChange change)
    {
        _log.Add(change);
        if (_log.Count >= window * 2)
        {
            Compact(_log.Count - window);
        }

        var signal = _changed;
        _changed = NewSignal();
        signal.SetResult();
    }

    /// <summary>Forgets the oldest changes.</summary>
    public void Compact(int count)
    {
        if (count > 0)
        {
            Compacted = _log[count - 1].Revision;
            _log.RemoveRange(0, count);
        }
    }

    public void CompactAll() => Compact(_log.Count);

    /// <summary>Changes after a revision, oldest first, at most <paramref name="limit"/>.</summary>
    public List<StoredChange> After(long revision, int limit)
    {
        var low = 0;
        var high = _log.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_log[middle].Revision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return _log.GetRange(low, Math.Min(limit, _log.Count - low));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class KeyOrder : IComparer<(string Namespace, string Name)>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare((string Namespace, string Name) x, (string Namespace, string Name) y)
        {
            var order = string.CompareOrdinal(x.Namespace, y.Namespace);
            return order != 0 ? order : string.CompareOrdinal(x.Name, y.Name);
        }
    }
}
