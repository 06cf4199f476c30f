using KubeOps.Abstractions.Reconciliation;

namespace KubeOps.Operator.Queue;

/// <summary>One reconciliation that waits for its time.</summary>
internal sealed record QueueEntry<TEntity>(
    ObjectKey Key,
    TEntity Entity,
    ReconciliationType Type,
    ReconciliationTriggerSource Trigger,
    int RetryCount,
    DateTimeOffset Due
)
{
    /// <summary>Merges a newer request for the same object: newest facts, earliest time.</summary>
    public QueueEntry<TEntity> MergedWith(QueueEntry<TEntity> newer) =>
        newer with
        {
            Due = newer.Due < Due ? newer.Due : Due,
        };
}

/// <summary>
/// What identifies an object within its type while it waits: a new object of the same name takes the same turn.
/// </summary>
internal readonly record struct ObjectKey(string? Namespace, string Name)
{
    /// <inheritdoc />
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
