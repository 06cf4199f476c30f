namespace Granary.Metrics;

/// <summary>What the number of a series counts.</summary>
public enum MetricUnit
{
    /// <summary>1 for yes, 0 for no.</summary>
    Flag,

    /// <summary>How many.</summary>
    Count,

    /// <summary>A size in bytes.</summary>
    Bytes,

    /// <summary>A time span in seconds.</summary>
    Seconds,

    /// <summary>A moment, in seconds since 1970 (UTC).</summary>
    UnixSeconds,
}
