namespace Granary.DevCluster.Nodes.Logs;

/// <summary>What part of a log is wanted, as the <c>pods/log</c> parameters say it.</summary>
public sealed record LogQuery
{
    public bool Follow { get; init; }

    public bool Timestamps { get; init; }

    /// <summary>Only the last lines; null for all.</summary>
    public long? TailLines { get; init; }

    /// <summary>At most this many bytes; null for all.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Only lines written at or after this moment; null for all.</summary>
    public DateTimeOffset? Since { get; init; }
}
