using Granary.Api;

namespace Granary.Operator.Jobs;

/// <summary>How long sessions and restores, and what they are made of, may take: the operator's options.</summary>
/// <param name="Startup">How long a Pod may fail to be made or to start.</param>
/// <param name="Node">How long a Pod's node may be NotReady.</param>
/// <param name="Queue">How long a session may wait for others.</param>
/// <param name="Default">The timeOut of those that name none; zero for no limit.</param>
internal sealed record Limits(TimeSpan Startup, TimeSpan Node, TimeSpan Queue, TimeSpan Default)
{
    public static Limits Of(OperatorOptions options) =>
        new(options.StartupPatience, options.NodePatience, options.QueuePatience, options.SessionTimeOut);

    /// <summary>When something is given up; null when it may take for ever.</summary>
    /// <param name="timeOut">The object's own limit, which wins.</param>
    public DateTimeOffset? Deadline(DateTimeOffset created, string? timeOut) =>
        GoDuration.TryParse(timeOut, out var own) && own > TimeSpan.Zero ? created + own
        : Default > TimeSpan.Zero ? created + Default
        : null;

    /// <summary>The limit in the words of a message.</summary>
    public string Describe(string? timeOut) =>
        GoDuration.TryParse(timeOut, out var own) && own > TimeSpan.Zero
            ? $"its timeOut of {timeOut}"
            : $"the operator's default timeOut of {GoDuration.Format(Default)}";
}
