namespace KubeOps.Abstractions.Builder;

/// <summary>Collects <see cref="ParallelReconciliationSettings" />.</summary>
public sealed class ParallelReconciliationSettingsBuilder
{
    private int _maxParallelReconciliations = Environment.ProcessorCount * 2;

    /// <inheritdoc cref="ParallelReconciliationSettings.MaxParallelReconciliations" />
    public int MaxParallelReconciliations
    {
        get => _maxParallelReconciliations;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _maxParallelReconciliations = value;
        }
    }

    /// <inheritdoc cref="ParallelReconciliationSettings.ConflictStrategy" />
    public ParallelReconciliationConflictStrategy ConflictStrategy { get; set; } =
        ParallelReconciliationConflictStrategy.WaitForCompletion;

    /// <inheritdoc cref="ParallelReconciliationSettings.RequeueDelay" />
    public TimeSpan? RequeueDelay { get; set; }

    /// <inheritdoc cref="ParallelReconciliationSettings.MaxErrorRetries" />
    public int MaxErrorRetries { get; set; } = 5;

    /// <inheritdoc cref="ParallelReconciliationSettings.ErrorBackoffBase" />
    public TimeSpan ErrorBackoffBase { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The settings as collected.</summary>
    public ParallelReconciliationSettings Build() =>
        new()
        {
            MaxParallelReconciliations = MaxParallelReconciliations,
            ConflictStrategy = ConflictStrategy,
            RequeueDelay = RequeueDelay,
            MaxErrorRetries = MaxErrorRetries,
            ErrorBackoffBase = ErrorBackoffBase,
        };
}

/// <summary>Fluent forms of <see cref="ParallelReconciliationSettingsBuilder" />.</summary>
public static class ParallelReconciliationSettingsBuilderExtensions
{
    /// <inheritdoc cref="ParallelReconciliationSettings.MaxParallelReconciliations" />
    public static ParallelReconciliationSettingsBuilder WithMaxParallelReconciliations(
        this ParallelReconciliationSettingsBuilder builder,
        int maxParallelReconciliations
    )
    {
        builder.MaxParallelReconciliations = maxParallelReconciliations;
        return builder;
    }

    /// <inheritdoc cref="ParallelReconciliationSettings.ConflictStrategy" />
    public static ParallelReconciliationSettingsBuilder WithConflictStrategy(
        this ParallelReconciliationSettingsBuilder builder,
        ParallelReconciliationConflictStrategy conflictStrategy
    )
    {
        builder.ConflictStrategy = conflictStrategy;
        return builder;
    }

    /// <inheritdoc cref="ParallelReconciliationSettings.RequeueDelay" />
    public static ParallelReconciliationSettingsBuilder WithRequeueDelay(
        this ParallelReconciliationSettingsBuilder builder,
        TimeSpan? requeueDelay
    )
    {
        builder.RequeueDelay = requeueDelay;
        return builder;
    }

    /// <inheritdoc cref="ParallelReconciliationSettings.MaxErrorRetries" />
    public static ParallelReconciliationSettingsBuilder WithMaxErrorRetries(
        this ParallelReconciliationSettingsBuilder builder,
        int maxErrorRetries
    )
    {
        builder.MaxErrorRetries = maxErrorRetries;
        return builder;
    }

    /// <inheritdoc cref="ParallelReconciliationSettings.ErrorBackoffBase" />
    public static ParallelReconciliationSettingsBuilder WithErrorBackoffBase(
        this ParallelReconciliationSettingsBuilder builder,
        TimeSpan errorBackoffBase
    )
    {
        builder.ErrorBackoffBase = errorBackoffBase;
        return builder;
    }
}
