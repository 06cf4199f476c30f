namespace KubeOps.Abstractions.Builder;

/// <summary>How many reconciliations run at once and how errors are retried.</summary>
public sealed record ParallelReconciliationSettings
{
    private const int LargestExponent = 30;
    private static readonly TimeSpan DefaultRequeueDelay = TimeSpan.FromSeconds(5);
    private readonly int _maxParallelReconciliations = Environment.ProcessorCount * 2;

    /// <summary>Reconciliations at once per entity type. Default: twice the number of processors.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or negative.</exception>
    public int MaxParallelReconciliations
    {
        get => _maxParallelReconciliations;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _maxParallelReconciliations = value;
        }
    }

    /// <summary>What happens to an entry whose object is being reconciled.</summary>
    public ParallelReconciliationConflictStrategy ConflictStrategy { get; init; } =
        ParallelReconciliationConflictStrategy.WaitForCompletion;

    /// <summary>
    /// The delay of <see cref="ParallelReconciliationConflictStrategy.RequeueAfterDelay" />; null is five seconds.
    /// </summary>
    public TimeSpan? RequeueDelay { get; init; }

    /// <summary>
    /// How many retries double the delay; later ones keep the longest, for ever. Zero switches retries off.
    /// </summary>
    public int MaxErrorRetries { get; init; } = 5;

    /// <summary>The delay before the first retry.</summary>
    public TimeSpan ErrorBackoffBase { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The delay of a requeue because of a running reconciliation.</summary>
    public TimeSpan GetEffectiveRequeueDelay() => RequeueDelay ?? DefaultRequeueDelay;

    /// <summary>base × 2^(n−1), the exponent capped at 30, without jitter.</summary>
    public TimeSpan GetErrorBackoffDelay(int retryCount) =>
        ErrorBackoffBase * Math.Pow(2, Math.Clamp(retryCount - 1, 0, LargestExponent));
}
