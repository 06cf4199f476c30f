namespace Granary.DevCluster.Machinery;

/// <summary>Kubernetes times: UTC, whole seconds.</summary>
public static class ObjectTimes
{
    public static DateTime Seconds(this DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);

    /// <summary>The same time without its fraction of a second.</summary>
    public static DateTime Truncated(this DateTime time) =>
        new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);

    /// <summary>The clock, cut to the second.</summary>
    public static DateTime NowSeconds(this TimeProvider time) => time.GetUtcNow().Seconds();
}
