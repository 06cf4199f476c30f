namespace KubeOps.Abstractions.Builder;

/// <summary>An operator's settings.</summary>
public sealed record OperatorSettings
{
    /// <summary>The operator's name: of its Lease, its events, its meter.</summary>
    public string Name { get; init; } = "kubernetesoperator";

    /// <summary>The only namespace that is watched; null watches all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Who among several replicas works.</summary>
    public LeaderElectionType LeaderElectionType { get; init; } = LeaderElectionType.None;

    /// <summary>How long a Lease that nobody renews keeps others away.</summary>
    public TimeSpan LeaderElectionLeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader tries to renew before it gives up. Less than the lease duration.</summary>
    public TimeSpan LeaderElectionRenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause between two attempts to take or renew the Lease.</summary>
    public TimeSpan LeaderElectionRetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Where reconciliations wait.</summary>
    public QueueStrategy QueueStrategy { get; init; } = QueueStrategy.InMemory;

    /// <summary>How many watch streams are opened.</summary>
    public WatchStrategy WatchStrategy { get; init; } = WatchStrategy.PerController;

    /// <summary>Which changes are reconciled.</summary>
    public ReconcileStrategy ReconcileStrategy { get; init; } = ReconcileStrategy.ByGeneration;

    /// <summary>Whether registered finalizers are added before each reconciliation.</summary>
    public bool AutoAttachFinalizers { get; init; } = true;

    /// <summary>Whether a finalizer that succeeded is taken off the object.</summary>
    public bool AutoDetachFinalizers { get; init; } = true;

    /// <summary>Whether instruments are registered.</summary>
    public bool EnableMetrics { get; init; } = true;

    /// <summary>
    /// Whether controllers and finalizers are resolved once at the start, so that a missing service fails early.
    /// </summary>
    public bool ValidateRegistrations { get; init; }

    /// <summary>How many reconciliations run at once and how errors are retried.</summary>
    public ParallelReconciliationSettings ParallelReconciliation { get; init; } = new();
}
