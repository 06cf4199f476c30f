using Microsoft.Extensions.Logging;

namespace Granary.Worker;

/// <summary>Every message of the worker. Ids 3000 to 3999.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(WorkerEventId.ServerNotReady, LogLevel.Information, "Waiting for PostgreSQL at {Server}: {Reason}")]
    public static partial void ServerNotReady(this ILogger logger, string server, string reason);

    [LoggerMessage(WorkerEventId.ToolStarted, LogLevel.Information, "Running {Command}")]
    public static partial void ToolStarted(this ILogger logger, string command);

    [LoggerMessage(WorkerEventId.ToolSaid, LogLevel.Debug, "{Tool}: {Line}")]
    public static partial void ToolSaid(this ILogger logger, string tool, string line);

    [LoggerMessage(WorkerEventId.SqlFailed, LogLevel.Warning, "The server refused a statement of the dump: {Error}")]
    public static partial void SqlFailed(this ILogger logger, string error);

    [LoggerMessage(
        WorkerEventId.ClusterRetry,
        LogLevel.Warning,
        "The API server did not answer (try {Attempt}), trying again: {Error}"
    )]
    public static partial void ClusterRetry(this ILogger logger, int attempt, string error);

    [LoggerMessage(WorkerEventId.LockOwnerGone, LogLevel.Warning, "Removing the lock of {Holder}: its Pod is gone")]
    public static partial void LockOwnerGone(this ILogger logger, string holder);

    [LoggerMessage(
        WorkerEventId.LockOwnerUnknown,
        LogLevel.Warning,
        "Whether the Pod of {Holder} still runs is not known: {Error}"
    )]
    public static partial void LockOwnerUnknown(this ILogger logger, string holder, string error);

    [LoggerMessage(WorkerEventId.Progress, LogLevel.Information, "{Progress}")]
    public static partial void Progress(this ILogger logger, string progress);

    [LoggerMessage(
        WorkerEventId.BackupStarts,
        LogLevel.Information,
        "Backing up with {Program} {ClientMajor} from {Server} (PostgreSQL {Version}) into {Location}"
    )]
    public static partial void BackupStarts(
        this ILogger logger,
        string program,
        int clientMajor,
        string server,
        string version,
        string location
    );

    [LoggerMessage(
        WorkerEventId.BackupMade,
        LogLevel.Information,
        "Made snapshot {Snapshot} and read it back: {Bytes} bytes, {Stored} stored, {Seconds:0.0} s"
    )]
    public static partial void BackupMade(
        this ILogger logger,
        string snapshot,
        long bytes,
        long stored,
        double seconds
    );

    [LoggerMessage(
        WorkerEventId.RestoreStarts,
        LogLevel.Information,
        "Restoring snapshot {Snapshot} of host {Host} into {Server} (PostgreSQL {Version}) from {Location}"
    )]
    public static partial void RestoreStarts(
        this ILogger logger,
        string snapshot,
        string host,
        string server,
        string version,
        string location
    );

    [LoggerMessage(
        WorkerEventId.SnapshotUnreadable,
        LogLevel.Warning,
        "{Error}. It is left out; forget {Snapshot} removes it"
    )]
    public static partial void SnapshotUnreadable(this ILogger logger, string error, string snapshot);

    [LoggerMessage(WorkerEventId.RestoreMade, LogLevel.Information, "{Outcome}")]
    public static partial void RestoreMade(this ILogger logger, string outcome);

    [LoggerMessage(WorkerEventId.StepFailed, LogLevel.Error, "The step failed: {Error}")]
    public static partial void StepFailed(this ILogger logger, string error);

    [LoggerMessage(
        WorkerEventId.StepBroke,
        LogLevel.Error,
        "The step failed in a way that was not foreseen: {Error}\n{Details}"
    )]
    public static partial void StepBroke(this ILogger logger, string error, string details);

    [LoggerMessage(
        WorkerEventId.UnknownFlags,
        LogLevel.Warning,
        "Flags that this program does not know are ignored: {Flags}"
    )]
    public static partial void UnknownFlags(this ILogger logger, string flags);

    [LoggerMessage(
        WorkerEventId.WaitingForRepository,
        LogLevel.Information,
        "Waiting for another target of session {Session} to initialise the repository"
    )]
    public static partial void WaitingForRepository(this ILogger logger, string session);

    [LoggerMessage(
        WorkerEventId.EventNotWritten,
        LogLevel.Warning,
        "The Event \"{Message}\" could not be written: {Error}"
    )]
    public static partial void EventNotWritten(this ILogger logger, string message, string error);

    [LoggerMessage(WorkerEventId.MetricsNotPushed, LogLevel.Warning, "Metrics were not pushed: {Error}")]
    public static partial void MetricsNotPushed(this ILogger logger, string error);

    [LoggerMessage(WorkerEventId.ActionDone, LogLevel.Information, "{Action}: {Outcome}")]
    public static partial void ActionDone(this ILogger logger, string action, string outcome);

    [LoggerMessage(WorkerEventId.ActionFailed, LogLevel.Error, "{Action} failed: {Error}")]
    public static partial void ActionFailed(this ILogger logger, string action, string error);

    [LoggerMessage(WorkerEventId.SessionCreated, LogLevel.Information, "BackupSession {Namespace}/{Name}: {Outcome}")]
    public static partial void SessionCreated(this ILogger logger, string @namespace, string name, string outcome);

    [LoggerMessage(WorkerEventId.CommandFailed, LogLevel.Error, "{Error}")]
    public static partial void CommandFailed(this ILogger logger, string error);

    [LoggerMessage(
        WorkerEventId.CommandBroke,
        LogLevel.Critical,
        "The program failed in a way that was not foreseen: {Details}"
    )]
    public static partial void CommandBroke(this ILogger logger, string details);

    [LoggerMessage(WorkerEventId.Interrupted, LogLevel.Warning, "Stopped by a signal")]
    public static partial void Interrupted(this ILogger logger);

    [LoggerMessage(
        WorkerEventId.PriorityRefused,
        LogLevel.Warning,
        "The system refused the wanted nice or ionice level"
    )]
    public static partial void PriorityRefused(this ILogger logger);
}
