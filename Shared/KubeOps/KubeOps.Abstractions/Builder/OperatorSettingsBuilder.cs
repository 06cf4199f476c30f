namespace KubeOps.Abstractions.Builder;

/// <summary>Collects <see cref="OperatorSettings" />.</summary>
public sealed class OperatorSettingsBuilder
{
    /// <inheritdoc cref="OperatorSettings.Name" />
    public string Name { get; set; } = "kubernetesoperator";

    /// <inheritdoc cref="OperatorSettings.Namespace" />
    public string? Namespace { get; set; }

    /// <inheritdoc cref="OperatorSettings.LeaderElectionType" />
    public LeaderElectionType LeaderElectionType { get; set; } = LeaderElectionType.None;

    /// <inheritdoc cref="OperatorSettings.LeaderElectionLeaseDuration" />
    public TimeSpan LeaderElectionLeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <inheritdoc cref="OperatorSettings.LeaderElectionRenewDeadline" />
    public TimeSpan LeaderElectionRenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="OperatorSettings.LeaderElectionRetryPeriod" />
    public TimeSpan LeaderElectionRetryPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc cref="OperatorSettings.QueueStrategy" />
    public QueueStrategy QueueStrategy { get; set; } = QueueStrategy.InMemory;

    /// <inheritdoc cref="OperatorSettings.WatchStrategy" />
    public WatchStrategy WatchStrategy { get; set; } = WatchStrategy.PerController;

    /// <inheritdoc cref="OperatorSettings.ReconcileStrategy" />
    public ReconcileStrategy ReconcileStrategy { get; set; } = ReconcileStrategy.ByGeneration;

    /// <inheritdoc cref="OperatorSettings.AutoAttachFinalizers" />
    public bool AutoAttachFinalizers { get; set; } = true;

    /// <inheritdoc cref="OperatorSettings.AutoDetachFinalizers" />
    public bool AutoDetachFinalizers { get; set; } = true;

    /// <inheritdoc cref="OperatorSettings.EnableMetrics" />
    public bool EnableMetrics { get; set; } = true;

    /// <inheritdoc cref="OperatorSettings.ValidateRegistrations" />
    public bool ValidateRegistrations { get; set; }

    /// <inheritdoc cref="OperatorSettings.ParallelReconciliation" />
    public ParallelReconciliationSettingsBuilder ParallelReconciliation { get; set; } = new();

    /// <summary>The settings as collected.</summary>
    public OperatorSettings Build() =>
        new()
        {
            Name = Name,
            Namespace = Namespace,
            LeaderElectionType = LeaderElectionType,
            LeaderElectionLeaseDuration = LeaderElectionLeaseDuration,
            LeaderElectionRenewDeadline = LeaderElectionRenewDeadline,
            LeaderElectionRetryPeriod = LeaderElectionRetryPeriod,
            QueueStrategy = QueueStrategy,
            WatchStrategy = WatchStrategy,
            ReconcileStrategy = ReconcileStrategy,
            AutoAttachFinalizers = AutoAttachFinalizers,
            AutoDetachFinalizers = AutoDetachFinalizers,
            EnableMetrics = EnableMetrics,
            ValidateRegistrations = ValidateRegistrations,
            ParallelReconciliation = ParallelReconciliation.Build(),
        };
}
