using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;

namespace KubeOps.Operator.Queue;

/// <summary>Reconciliations of one controller that wait for their time, at most two per object.</summary>
/// <remarks>
/// An object has one waiting entry for its life and one for its end, since a deletion must reach the controller even
/// when an object of the same name is there again. Entries of one kind merge: earliest due time, newest snapshot.
/// Nothing is stored; after a restart the watch replays everything.
/// </remarks>
internal sealed class TimedEntityQueue<TEntity>(TimeProvider time) : IDisposable
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(ObjectKey Key, bool IsEnd), (QueueEntry<TEntity> Entry, long Order)> _entries = [];
    private readonly WaitingLine _line = new();

    // Due times count from here by the monotonic clock: a wall clock that is set back must not hold up every requeue.
    private readonly DateTimeOffset _origin = time.GetUtcNow();
    private readonly long _started = time.GetTimestamp();

    private long _order;
    private bool _isOpen;

    /// <summary>Raised when there may be something to take.</summary>
    public AsyncSignal Changed { get; } = new();

    /// <summary>How many entries wait for their time, and how many are due.</summary>
    public (int Scheduled, int Ready) Depth
    {
        get
        {
            lock (_lock)
            {
                var now = Now;
                var ready = _line.CountDue(now);
                return (_line.Count - ready, ready);
            }
        }
    }

    private DateTimeOffset Now => _origin + time.GetElapsedTime(_started);

    /// <summary>Starts to accept entries.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _isOpen = true;
        }
    }

    /// <summary>Drops what waits and accepts nothing more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isOpen = false;
            _entries.Clear();
            _line.Clear();
        }
    }

    /// <summary>Adds or merges an entry.</summary>
    /// <returns>False when the intake is closed.</returns>
    /// <exception cref="InvalidOperationException">The object has no name.</exception>
    public bool Enqueue(
        TEntity entity,
        ReconciliationType type,
        ReconciliationTriggerSource trigger,
        TimeSpan queueIn,
        int retryCount
    )
    {
        var name = entity.Metadata?.Name;
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new InvalidOperationException(
                $"An object of {typeof(TEntity).Name} without a name cannot be queued."
            );
        }

        var key = new ObjectKey(entity.Namespace(), name);
        var due = Now + (queueIn > TimeSpan.Zero ? queueIn : TimeSpan.Zero);
        var entry = new QueueEntry<TEntity>(key, entity, type, trigger, retryCount, due);
        lock (_lock)
        {
            if (!_isOpen)
            {
                return false;
            }

            var isEnd = type == ReconciliationType.Deleted;
            if (isEnd)
            {
                // What waited for the object's life is pointless now.
                Remove(key, isEnd: false);
            }

            if (_entries.TryGetValue((key, isEnd), out var waiting))
            {
                entry = waiting.Entry.MergedWith(entry);
                Remove(key, isEnd);
            }

            Add(entry, isEnd);
        }

        Changed.Raise();
        return true;
    }

    /// <summary>Takes the first due entry that the caller admits, or says how long nothing new becomes due.</summary>
    /// <remarks>
    /// One reading of the clock decides both: an entry that became due between two readings would be neither taken nor
    /// waited for.
    /// </remarks>
    /// <param name="admit">
    /// Says what to do with a due entry; called inside the queue's lock. Namespaces take turns, the one that was served
    /// longest ago first; within a namespace the order is that of due times.
    /// </param>
    /// <param name="entry">The entry.</param>
    /// <param name="untilNext">
    /// The time until an entry becomes due that was not due yet; infinite when there is none.
    /// </param>
    public bool TryTake(
        Func<QueueEntry<TEntity>, Admission> admit,
        [MaybeNullWhen(false)] out QueueEntry<TEntity> entry,
        out TimeSpan untilNext
    )
    {
        lock (_lock)
        {
            var now = Now;
            List<(QueueEntry<TEntity> Entry, Admission Admission)>? turnedAway = null;
            entry = Scan(admit, now, ref turnedAway);
            foreach (var (away, admission) in turnedAway ?? [])
            {
                var isEnd = away.Type == ReconciliationType.Deleted;
                Remove(away.Key, isEnd);
                if (admission.Decision == AdmissionDecision.Postpone)
                {
                    Add(away with { Due = now + admission.Delay }, isEnd);
                }
            }

            if (entry is not null)
            {
                Remove(entry.Key, entry.Type == ReconciliationType.Deleted);
                _line.Served(entry.Key.Namespace);
            }

            untilNext = _line.FirstDueAfter(now) is { } due ? due - now : Timeout.InfiniteTimeSpan;
            return entry is not null;
        }
    }

    /// <inheritdoc />
    public void Dispose() => Changed.Dispose();

    private QueueEntry<TEntity>? Scan(
        Func<QueueEntry<TEntity>, Admission> admit,
        DateTimeOffset now,
        ref List<(QueueEntry<TEntity> Entry, Admission Admission)>? turnedAway
    )
    {
        // Busy objects are few, as many as there are slots, so the scan is short.
        foreach (var item in _line.DueInTurn(now))
        {
            if (!item.IsEnd && _entries.TryGetValue((item.Key, true), out var end) && end.Entry.Due <= now)
            {
                // First the end of the old object, then the life of the new one.
                continue;
            }

            var entry = _entries[(item.Key, item.IsEnd)].Entry;
            var admission = admit(entry);
            switch (admission.Decision)
            {
                case AdmissionDecision.Enter:
                    return entry;
                case AdmissionDecision.Full:
                    return null;
                case AdmissionDecision.Wait:
                    break;
                case AdmissionDecision.Drop or AdmissionDecision.Postpone:
                    (turnedAway ??= []).Add((entry, admission));
                    break;
                default:
                    throw new InvalidOperationException($"Unknown admission {admission.Decision}.");
            }
        }

        return null;
    }

    private void Add(QueueEntry<TEntity> entry, bool isEnd)
    {
        var order = ++_order;
        _entries[(entry.Key, isEnd)] = (entry, order);
        _line.Add(new Place(entry.Due, order, entry.Key, isEnd));
    }

    private void Remove(ObjectKey key, bool isEnd)
    {
        if (_entries.Remove((key, isEnd), out var waiting))
        {
            _line.Remove(new Place(waiting.Entry.Due, waiting.Order, key, isEnd));
        }
    }
}
