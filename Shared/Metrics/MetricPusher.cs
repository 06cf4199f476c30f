namespace Granary.Metrics;

/// <summary>The program that pushes a series.</summary>
public enum MetricPusher
{
    /// <summary>The operator, when a session or restore ends.</summary>
    Operator,

    /// <summary>The worker's step <c>update-status</c>, in the Job.</summary>
    Worker,
}
