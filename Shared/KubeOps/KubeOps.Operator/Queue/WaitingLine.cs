namespace KubeOps.Operator.Queue;

/// <summary>Places in order of time, over all namespaces and within each; namespaces take turns.</summary>
/// <remarks>
/// A namespace whose line was empty joins behind the namespaces that wait already. Its wait is bounded by their number,
/// not by how much each of them has waiting. Not thread-safe: the queue's lock guards it.
/// </remarks>
internal sealed class WaitingLine
{
    private static readonly IComparer<Place> ByTime = Comparer<Place>.Create(
        static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Order.CompareTo(b.Order)
    );

    private readonly SortedSet<Place> _all = new(ByTime);
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private long _turn;

    /// <summary>How many places there are.</summary>
    public int Count => _all.Count;

    /// <summary>How many places are due.</summary>
    public int CountDue(DateTimeOffset now) => _all.TakeWhile(place => place.Due <= now).Count();

    /// <summary>When the first place becomes due that is not due yet; null without one.</summary>
    public DateTimeOffset? FirstDueAfter(DateTimeOffset now)
    {
        var later = _all.GetViewBetween(
            new Place(now.AddTicks(1), long.MinValue, default, IsEnd: false),
            new Place(DateTimeOffset.MaxValue, long.MaxValue, default, IsEnd: false)
        );
        foreach (var place in later)
        {
            return place.Due;
        }

        return null;
    }

    /// <summary>The places that are due: those of the namespace that was served longest ago come first.</summary>
    public IEnumerable<Place> DueInTurn(DateTimeOffset now) =>
        _lanes
            .Values.Where(lane => lane.Places.Min.Due <= now)
            .OrderBy(lane => lane.Served)
            .ThenBy(lane => lane.Places.Min, ByTime)
            .SelectMany(lane => lane.Places.TakeWhile(place => place.Due <= now));

    /// <summary>The namespace had its turn.</summary>
    public void Served(string? @namespace)
    {
        _turn++;
        if (_lanes.TryGetValue(@namespace ?? "", out var lane))
        {
            lane.Served = _turn;
        }
    }

    public void Add(Place place)
    {
        var name = place.Key.Namespace ?? "";
        if (!_lanes.TryGetValue(name, out var lane))
        {
            lane = new Lane { Served = _turn };
            _lanes[name] = lane;
        }

        lane.Places.Add(place);
        _all.Add(place);
    }

    public void Remove(Place place)
    {
        var name = place.Key.Namespace ?? "";
        if (_all.Remove(place) && _lanes.TryGetValue(name, out var lane))
        {
            lane.Places.Remove(place);
            if (lane.Places.Count == 0)
            {
                _lanes.Remove(name);
            }
        }
    }

    public void Clear()
    {
        _all.Clear();
        _lanes.Clear();
    }

    private sealed class Lane
    {
        public SortedSet<Place> Places { get; } = new(ByTime);

        public long Served { get; set; }
    }
}

/// <summary>One place in the line; the order decides among those that are due at the same time.</summary>
internal readonly record struct Place(DateTimeOffset Due, long Order, ObjectKey Key, bool IsEnd);
