namespace KubeOps.Abstractions.Builder;

/// <summary>Who among several replicas works.</summary>
public enum LeaderElectionType
{
    /// <summary>All of them: there must be one replica only.</summary>
    None,

    /// <summary>The holder of one Lease.</summary>
    Single,

    /// <summary>The user wires watcher and consumer. Not part of this slice.</summary>
    Custom,

    /// <summary>The user partitions the objects. Not part of this slice.</summary>
    Scoped,
}

/// <summary>Where reconciliations wait.</summary>
public enum QueueStrategy
{
    /// <summary>In memory.</summary>
    InMemory,

    /// <summary>In a queue of the user. Not part of this slice.</summary>
    Custom,
}

/// <summary>How many watch streams are opened.</summary>
public enum WatchStrategy
{
    /// <summary>One per controller.</summary>
    PerController,

    /// <summary>One per entity type. Not part of this slice.</summary>
    SharedPerEntity,
}

/// <summary>Which changes are reconciled.</summary>
public enum ReconcileStrategy
{
    /// <summary>Those that raise <c>metadata.generation</c>: changes of the specification.</summary>
    ByGeneration,

    /// <summary>All of them.</summary>
    ByResourceVersion,
}

/// <summary>What happens to an entry whose object is being reconciled.</summary>
public enum ParallelReconciliationConflictStrategy
{
    /// <summary>It is dropped.</summary>
    Discard,

    /// <summary>It is queued again after a delay.</summary>
    RequeueAfterDelay,

    /// <summary>It waits, without holding a slot, until the running reconciliation ends.</summary>
    WaitForCompletion,
}
