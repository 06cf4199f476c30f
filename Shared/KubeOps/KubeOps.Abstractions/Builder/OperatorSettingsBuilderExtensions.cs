namespace KubeOps.Abstractions.Builder;

/// <summary>Fluent forms of <see cref="OperatorSettingsBuilder" />.</summary>
public static class OperatorSettingsBuilderExtensions
{
    /// <inheritdoc cref="OperatorSettings.Name" />
    public static OperatorSettingsBuilder WithName(this OperatorSettingsBuilder builder, string name)
    {
        builder.Name = name;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.Namespace" />
    public static OperatorSettingsBuilder WithNamespace(this OperatorSettingsBuilder builder, string? ns)
    {
        builder.Namespace = ns;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.LeaderElectionType" />
    public static OperatorSettingsBuilder WithLeaderElection(
        this OperatorSettingsBuilder builder,
        LeaderElectionType type
    )
    {
        builder.LeaderElectionType = type;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.LeaderElectionLeaseDuration" />
    public static OperatorSettingsBuilder WithLeaderElectionLeaseDuration(
        this OperatorSettingsBuilder builder,
        TimeSpan leaseDuration
    )
    {
        builder.LeaderElectionLeaseDuration = leaseDuration;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.LeaderElectionRenewDeadline" />
    public static OperatorSettingsBuilder WithLeaderElectionRenewDeadline(
        this OperatorSettingsBuilder builder,
        TimeSpan renewDeadline
    )
    {
        builder.LeaderElectionRenewDeadline = renewDeadline;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.LeaderElectionRetryPeriod" />
    public static OperatorSettingsBuilder WithLeaderElectionRetryPeriod(
        this OperatorSettingsBuilder builder,
        TimeSpan retryPeriod
    )
    {
        builder.LeaderElectionRetryPeriod = retryPeriod;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.QueueStrategy" />
    public static OperatorSettingsBuilder WithQueueStrategy(
        this OperatorSettingsBuilder builder,
        QueueStrategy strategy
    )
    {
        builder.QueueStrategy = strategy;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.WatchStrategy" />
    public static OperatorSettingsBuilder WithWatchStrategy(
        this OperatorSettingsBuilder builder,
        WatchStrategy strategy
    )
    {
        builder.WatchStrategy = strategy;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.ReconcileStrategy" />
    public static OperatorSettingsBuilder WithReconcileStrategy(
        this OperatorSettingsBuilder builder,
        ReconcileStrategy strategy
    )
    {
        builder.ReconcileStrategy = strategy;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.AutoAttachFinalizers" />
    public static OperatorSettingsBuilder WithAutoAttachFinalizers(
        this OperatorSettingsBuilder builder,
        bool value = true
    )
    {
        builder.AutoAttachFinalizers = value;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.AutoDetachFinalizers" />
    public static OperatorSettingsBuilder WithAutoDetachFinalizers(
        this OperatorSettingsBuilder builder,
        bool value = true
    )
    {
        builder.AutoDetachFinalizers = value;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.EnableMetrics" />
    public static OperatorSettingsBuilder WithMetrics(this OperatorSettingsBuilder builder, bool value = true)
    {
        builder.EnableMetrics = value;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.ValidateRegistrations" />
    public static OperatorSettingsBuilder WithRegistrationValidation(
        this OperatorSettingsBuilder builder,
        bool value = true
    )
    {
        builder.ValidateRegistrations = value;
        return builder;
    }

    /// <summary>Sets all three times of the leader election.</summary>
    public static OperatorSettingsBuilder WithLeaderElectionTimings(
        this OperatorSettingsBuilder builder,
        TimeSpan leaseDuration,
        TimeSpan renewDeadline,
        TimeSpan retryPeriod
    )
    {
        builder.LeaderElectionLeaseDuration = leaseDuration;
        builder.LeaderElectionRenewDeadline = renewDeadline;
        builder.LeaderElectionRetryPeriod = retryPeriod;
        return builder;
    }

    /// <inheritdoc cref="OperatorSettings.ParallelReconciliation" />
    public static OperatorSettingsBuilder WithParallelReconciliation(
        this OperatorSettingsBuilder builder,
        Action<ParallelReconciliationSettingsBuilder> configure
    )
    {
        configure(builder.ParallelReconciliation);
        return builder;
    }
}
