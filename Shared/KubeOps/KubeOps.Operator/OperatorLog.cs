using Microsoft.Extensions.Logging;

namespace KubeOps.Operator;

/// <summary>Every message of the runtime, with ids from 5000.</summary>
internal static partial class OperatorLog
{
    [LoggerMessage(
        OperatorEventId.Watching,
        LogLevel.Debug,
        "Watching {Resource} from resourceVersion {ResourceVersion}"
    )]
    public static partial void Watching(this ILogger logger, string resource, string? resourceVersion);

    [LoggerMessage(
        OperatorEventId.WatchExpired,
        LogLevel.Information,
        "Listing {Resource} anew: the watch is too old to continue"
    )]
    public static partial void WatchExpired(this ILogger logger, string resource);

    [LoggerMessage(
        OperatorEventId.WatchFailed,
        LogLevel.Warning,
        "The watch of {Resource} failed, trying again in {Delay}"
    )]
    public static partial void WatchFailed(this ILogger logger, Exception error, string resource, TimeSpan delay);

    [LoggerMessage(
        OperatorEventId.Listed,
        LogLevel.Debug,
        "Listed {Count} objects of {Resource}; {Gone} are gone since they were seen"
    )]
    public static partial void Listed(this ILogger logger, int count, string resource, int gone);

    [LoggerMessage(
        OperatorEventId.ChangeSkipped,
        LogLevel.Debug,
        "Skipped a change of {Entity} that needs no reconciliation"
    )]
    public static partial void ChangeSkipped(this ILogger logger, string entity);

    [LoggerMessage(OperatorEventId.Reconciling, LogLevel.Debug, "Reconciling {Entity}")]
    public static partial void Reconciling(this ILogger logger, string entity);

    [LoggerMessage(
        OperatorEventId.Reconciled,
        LogLevel.Debug,
        "Reconciled {Entity}, looking again after {RequeueAfter}"
    )]
    public static partial void Reconciled(this ILogger logger, string entity, TimeSpan? requeueAfter);

    [LoggerMessage(
        OperatorEventId.ReconciliationFailed,
        LogLevel.Warning,
        "Reconciliation of {Entity} failed: {Reason}; looking again after {RequeueAfter}"
    )]
    public static partial void ReconciliationFailed(
        this ILogger logger,
        Exception? error,
        string entity,
        string reason,
        TimeSpan? requeueAfter
    );

    [LoggerMessage(
        OperatorEventId.ReconciliationThrew,
        LogLevel.Error,
        "Reconciliation of {Entity} threw; retry {RetryCount} after {Delay}"
    )]
    public static partial void ReconciliationThrew(
        this ILogger logger,
        Exception error,
        string entity,
        int retryCount,
        TimeSpan? delay
    );

    [LoggerMessage(
        OperatorEventId.Conflict,
        LogLevel.Debug,
        "{Entity} changed while it was reconciled; reading it again after {Delay}"
    )]
    public static partial void Conflict(this ILogger logger, string entity, TimeSpan delay);

    [LoggerMessage(
        OperatorEventId.GoneBeforeReconciliation,
        LogLevel.Information,
        "{Entity} is gone before its reconciliation began"
    )]
    public static partial void GoneBeforeReconciliation(this ILogger logger, string entity);

    [LoggerMessage(
        OperatorEventId.NoOwnFinalizer,
        LogLevel.Information,
        "{Entity} is being deleted and carries no finalizer of ours"
    )]
    public static partial void NoOwnFinalizer(this ILogger logger, string entity);

    [LoggerMessage(OperatorEventId.FinalizerDetached, LogLevel.Information, "Finalizer {Finalizer} let {Entity} go")]
    public static partial void FinalizerDetached(this ILogger logger, string finalizer, string entity);

    [LoggerMessage(OperatorEventId.FinalizersAttached, LogLevel.Debug, "Attached finalizers {Finalizers} to {Entity}")]
    public static partial void FinalizersAttached(this ILogger logger, string finalizers, string entity);

    [LoggerMessage(
        OperatorEventId.LoopFailed,
        LogLevel.Error,
        "A loop of {Controller} ended unexpectedly, starting it again in {Delay}"
    )]
    public static partial void LoopFailed(this ILogger logger, Exception error, string controller, TimeSpan delay);

    [LoggerMessage(
        OperatorEventId.NotDrained,
        LogLevel.Warning,
        "{Count} reconciliations of {Controller} did not end in time"
    )]
    public static partial void NotDrained(this ILogger logger, int count, string controller);

    [LoggerMessage(OperatorEventId.Leading, LogLevel.Information, "{Identity} leads with lease {Lease}")]
    public static partial void Leading(this ILogger logger, string identity, string lease);

    [LoggerMessage(
        OperatorEventId.LeadershipLost,
        LogLevel.Warning,
        "{Identity} lost lease {Lease}; all reconciling stops"
    )]
    public static partial void LeadershipLost(this ILogger logger, string identity, string lease);

    [LoggerMessage(OperatorEventId.LeadershipReleased, LogLevel.Information, "{Identity} released lease {Lease}")]
    public static partial void LeadershipReleased(this ILogger logger, string identity, string lease);

    [LoggerMessage(OperatorEventId.LeaseRequestFailed, LogLevel.Warning, "Lease {Lease} could not be read or written")]
    public static partial void LeaseRequestFailed(this ILogger logger, Exception error, string lease);

    [LoggerMessage(
        OperatorEventId.TermNotDrained,
        LogLevel.Error,
        "Reconciliations of the lost term are still running {Seconds} s later"
    )]
    public static partial void TermNotDrained(this ILogger logger, double seconds);

    [LoggerMessage(OperatorEventId.Following, LogLevel.Debug, "Lease {Lease} is held by {Holder}")]
    public static partial void Following(this ILogger logger, string lease, string holder);

    [LoggerMessage(
        OperatorEventId.EventFailed,
        LogLevel.Warning,
        "The event {Reason} for {Entity} could not be published"
    )]
    public static partial void EventFailed(this ILogger logger, Exception error, string reason, string entity);

    [LoggerMessage(OperatorEventId.CrdInstalled, LogLevel.Information, "Installed definition {Name}")]
    public static partial void CrdInstalled(this ILogger logger, string name);

    [LoggerMessage(OperatorEventId.CrdFailed, LogLevel.Error, "Definition {Name} could not be installed")]
    public static partial void CrdFailed(this ILogger logger, Exception error, string name);

    [LoggerMessage(OperatorEventId.EnricherFailed, LogLevel.Warning, "The logging scope enricher {Enricher} failed")]
    public static partial void EnricherFailed(this ILogger logger, Exception error, string enricher);
}
