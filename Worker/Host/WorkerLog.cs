using Microsoft.Extensions.Logging;

namespace Granary.Worker;

/// <summary>Every message of the worker. Ids 3000 to 3999.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(3001, LogLevel.Information, "Waiting for PostgreSQL at {Server}: {Reason}")]
    public static partial void ServerNotReady(ILogger logger, string server, string reason);

    [LoggerMessage(3002, LogLevel.Information, "Running {Command}")]
    public static partial void ToolStarted(ILogger logger, string command);

    [LoggerMessage(3003, LogLevel.Debug, "{Tool}: {Line}")]
    public static partial void ToolSaid(ILogger logger, string tool, string line);

    [LoggerMessage(3004, LogLevel.Warning, "The server refused a statement of the dump: {Error}")]
    public static partial void SqlFailed(ILogger logger, string error);

    [LoggerMessage(
        3010,
        LogLevel.Warning,
        "Storage: {Operation} failed (try {Attempt}), again in {Seconds:0.0} s: {Error}"
    )]
    public static partial void StorageRetry(
        ILogger logger,
        string operation,
        int attempt,
        double seconds,
        string error
    );

    [LoggerMessage(3020, LogLevel.Warning, "The API server did not answer (try {Attempt}), trying again: {Error}")]
    public static partial void ClusterRetry(ILogger logger, int attempt, string error);

    [LoggerMessage(3021, LogLevel.Warning, "Removing the lock of {Holder}: its Pod is gone")]
    public static partial void LockOwnerGone(ILogger logger, string holder);

    [LoggerMessage(3022, LogLevel.Warning, "Whether the Pod of {Holder} still runs is not known: {Error}")]
    public static partial void LockOwnerUnknown(ILogger logger, string holder, string error);

    [LoggerMessage(3030, LogLevel.Information, "{Progress}")]
    public static partial void Progress(ILogger logger, string progress);

    [LoggerMessage(
        3031,
        LogLevel.Information,
        "Backing up with {Program} {ClientMajor} from {Server} (PostgreSQL {Version}) into {Location}"
    )]
    public static partial void BackupStarts(
        ILogger logger,
        string program,
        int clientMajor,
        string server,
        string version,
        string location
    );

    [LoggerMessage(
        3032,
        LogLevel.Information,
        "Made snapshot {Snapshot} and read it back: {Bytes} bytes, {Stored} stored, {Seconds:0.0} s"
    )]
    public static partial void BackupMade(ILogger logger, string snapshot, long bytes, long stored, double seconds);

    [LoggerMessage(
        3033,
        LogLevel.Information,
        "Restoring snapshot {Snapshot} of host {Host} into {Server} (PostgreSQL {Version}) from {Location}"
    )]
    public static partial void RestoreStarts(
        ILogger logger,
        string snapshot,
        string host,
        string server,
        string version,
        string location
    );

    [LoggerMessage(3039, LogLevel.Warning, "{Error}. It is left out; forget {Snapshot} removes it")]
    public static partial void SnapshotUnreadable(ILogger logger, string error, string snapshot);

    [LoggerMessage(3034, LogLevel.Information, "{Outcome}")]
    public static partial void RestoreMade(ILogger logger, string outcome);

    [LoggerMessage(3035, LogLevel.Error, "The step failed: {Error}")]
    public static partial void StepFailed(ILogger logger, string error);

    [LoggerMessage(3036, LogLevel.Error, "The step failed in a way that was not foreseen: {Error}\n{Details}")]
    public static partial void StepBroke(ILogger logger, string error, string details);

    [LoggerMessage(3037, LogLevel.Warning, "Flags that this program does not know are ignored: {Flags}")]
    public static partial void UnknownFlags(ILogger logger, string flags);

    [LoggerMessage(
        3038,
        LogLevel.Information,
        "Waiting for another target of session {Session} to initialise the repository"
    )]
    public static partial void WaitingForRepository(ILogger logger, string session);

    [LoggerMessage(3040, LogLevel.Warning, "The Event \"{Message}\" could not be written: {Error}")]
    public static partial void EventNotWritten(ILogger logger, string message, string error);

    [LoggerMessage(3041, LogLevel.Warning, "Metrics were not pushed: {Error}")]
    public static partial void MetricsNotPushed(ILogger logger, string error);

    [LoggerMessage(3042, LogLevel.Information, "{Action}: {Outcome}")]
    public static partial void ActionDone(ILogger logger, string action, string outcome);

    [LoggerMessage(3043, LogLevel.Error, "{Action} failed: {Error}")]
    public static partial void ActionFailed(ILogger logger, string action, string error);

    [LoggerMessage(3044, LogLevel.Information, "BackupSession {Namespace}/{Name}: {Outcome}")]
    public static partial void SessionCreated(ILogger logger, string @namespace, string name, string outcome);

    [LoggerMessage(3050, LogLevel.Error, "{Error}")]
    public static partial void CommandFailed(ILogger logger, string error);

    [LoggerMessage(3051, LogLevel.Critical, "The program failed in a way that was not foreseen: {Details}")]
    public static partial void CommandBroke(ILogger logger, string details);

    [LoggerMessage(3052, LogLevel.Warning, "Stopped by a signal")]
    public static partial void Interrupted(ILogger logger);

    [LoggerMessage(3053, LogLevel.Warning, "The system refused the wanted nice or ionice level")]
    public static partial void PriorityRefused(ILogger logger);
}
