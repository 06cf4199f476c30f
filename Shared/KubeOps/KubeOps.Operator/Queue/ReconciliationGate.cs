using KubeOps.Abstractions.Builder;

namespace KubeOps.Operator.Queue;

/// <summary>
/// Limits how many objects of one entity type are reconciled at once, over all its controllers, each one once.
/// </summary>
/// <remarks>
/// Nobody waits inside: who is not admitted is told so, holds neither slot nor thread, and is woken when one leaves.
/// </remarks>
internal sealed class ReconciliationGate<TEntity>(OperatorSettings settings)
{
    private readonly ParallelReconciliationSettings _settings = settings.ParallelReconciliation;
    private readonly Lock _lock = new();
    private readonly HashSet<ObjectKey> _running = [];
    private readonly List<AsyncSignal> _waiting = [];

    /// <summary>How many reconciliations run.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Wakes a consumer whenever a reconciliation ends.</summary>
    public void Subscribe(AsyncSignal signal)
    {
        lock (_lock)
        {
            _waiting.Add(signal);
        }
    }

    /// <summary>Stops waking a consumer.</summary>
    public void Unsubscribe(AsyncSignal signal)
    {
        lock (_lock)
        {
            _waiting.Remove(signal);
        }
    }

    /// <summary>Lets a reconciliation begin, or says what to do instead.</summary>
    public Admission TryEnter(ObjectKey key)
    {
        lock (_lock)
        {
            if (_running.Count >= _settings.MaxParallelReconciliations)
            {
                return new Admission(AdmissionDecision.Full);
            }

            if (_running.Add(key))
            {
                return new Admission(AdmissionDecision.Enter);
            }

            return _settings.ConflictStrategy switch
            {
                ParallelReconciliationConflictStrategy.WaitForCompletion => new Admission(AdmissionDecision.Wait),
                ParallelReconciliationConflictStrategy.Discard => new Admission(AdmissionDecision.Drop),
                ParallelReconciliationConflictStrategy.RequeueAfterDelay => new Admission(
                    AdmissionDecision.Postpone,
                    _settings.GetEffectiveRequeueDelay()
                ),
                _ => throw new InvalidOperationException($"Unknown conflict strategy {_settings.ConflictStrategy}."),
            };
        }
    }

    /// <summary>Ends a reconciliation.</summary>
    public void Leave(ObjectKey key)
    {
        AsyncSignal[] waiting;
        lock (_lock)
        {
            _running.Remove(key);
            waiting = [.. _waiting];
        }

        foreach (var signal in waiting)
        {
            signal.Raise();
        }
    }
}
