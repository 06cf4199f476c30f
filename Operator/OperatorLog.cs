using Granary.Operator.Jobs;

namespace Granary.Operator;

/// <summary>Every message of the operator. Ids stay for ever; new ones get the next number.</summary>
internal static partial class OperatorLog
{
    [LoggerMessage(
        OperatorEventId.WriteConflict,
        LogLevel.Debug,
        "{Kind} {Namespace}/{Name} was changed by someone else meanwhile; looking again"
    )]
    public static partial void WriteConflict(this ILogger logger, string kind, string @namespace, string name);

    [LoggerMessage(
        OperatorEventId.PhaseChanged,
        LogLevel.Information,
        "{Kind} {Namespace}/{Name}: {Before} -> {After}. {Message}"
    )]
    public static partial void PhaseChanged(
        this ILogger logger,
        string kind,
        string @namespace,
        string name,
        string before,
        string after,
        string message
    );

    [LoggerMessage(
        OperatorEventId.JobEnsured,
        LogLevel.Information,
        "Job {Namespace}/{Job} was created for {Kind} {Name}"
    )]
    public static partial void JobEnsured(this ILogger logger, string @namespace, string job, string kind, string name);

    [LoggerMessage(
        OperatorEventId.JobRefused,
        LogLevel.Warning,
        "Job {Namespace}/{Job} for {Kind} {Name} cannot be made: {Reason}"
    )]
    public static partial void JobRefused(
        this ILogger logger,
        string @namespace,
        string job,
        string kind,
        string name,
        string reason
    );

    [LoggerMessage(
        OperatorEventId.JobLost,
        LogLevel.Warning,
        "Job {Namespace}/{Job} of {Kind} {Name} is lost ({Cause}): {Reason}"
    )]
    public static partial void JobLost(
        this ILogger logger,
        string @namespace,
        string job,
        string kind,
        string name,
        PodCause? cause,
        string reason
    );

    [LoggerMessage(OperatorEventId.SessionWaits, LogLevel.Debug, "BackupSession {Namespace}/{Name} waits: {Reason}")]
    public static partial void SessionWaits(this ILogger logger, string @namespace, string name, string reason);

    [LoggerMessage(
        OperatorEventId.SessionCleaned,
        LogLevel.Information,
        "BackupSession {Namespace}/{Name} was deleted: the history limit of {Invoker} is {Limit}"
    )]
    public static partial void SessionCleaned(
        this ILogger logger,
        string @namespace,
        string name,
        string invoker,
        int limit
    );

    [LoggerMessage(
        OperatorEventId.MetricsNotPushed,
        LogLevel.Warning,
        "Metrics of {Kind} {Namespace}/{Name} were not pushed: {Reason}"
    )]
    public static partial void MetricsNotPushed(
        this ILogger logger,
        string kind,
        string @namespace,
        string name,
        string reason
    );

    [LoggerMessage(
        OperatorEventId.TriggerJobDeleted,
        LogLevel.Debug,
        "Trigger Job {Namespace}/{Name} has done its work and was deleted"
    )]
    public static partial void TriggerJobDeleted(this ILogger logger, string @namespace, string name);

    [LoggerMessage(
        OperatorEventId.ReferencePruned,
        LogLevel.Information,
        "Reference of Repository {Namespace}/{Name} to {Kind} {User} was removed: it is no user any more"
    )]
    public static partial void ReferencePruned(
        this ILogger logger,
        string @namespace,
        string name,
        string kind,
        string user
    );

    [LoggerMessage(
        OperatorEventId.GrantsSwept,
        LogLevel.Information,
        "{Count} rights to Repository {Namespace}/{Name} were removed: their Jobs are over, or may not use it any more"
    )]
    public static partial void GrantsSwept(this ILogger logger, string @namespace, string name, int count);

    [LoggerMessage(
        OperatorEventId.CertificateReady,
        LogLevel.Information,
        "Webhook certificate {Action}; it is valid until {NotAfter:u}"
    )]
    public static partial void CertificateReady(this ILogger logger, string action, DateTimeOffset notAfter);

    [LoggerMessage(
        OperatorEventId.CertificateFailed,
        LogLevel.Error,
        "The webhook certificate cannot be kept up to date; trying again in {Delay}"
    )]
    public static partial void CertificateFailed(this ILogger logger, Exception failure, TimeSpan delay);

    [LoggerMessage(
        OperatorEventId.CaBundlePatched,
        LogLevel.Information,
        "CA bundle of ValidatingWebhookConfiguration {Name} was updated"
    )]
    public static partial void CaBundlePatched(this ILogger logger, string name);

    [LoggerMessage(
        OperatorEventId.WebhookConfigurationMissing,
        LogLevel.Warning,
        "ValidatingWebhookConfiguration {Name} does not exist; admission rules are enforced by the controllers alone"
    )]
    public static partial void WebhookConfigurationMissing(this ILogger logger, string name);

    [LoggerMessage(
        OperatorEventId.CronJobRefused,
        LogLevel.Warning,
        "CronJob of {Kind} {Namespace}/{Name} cannot be made: {Reason}"
    )]
    public static partial void CronJobRefused(
        this ILogger logger,
        string kind,
        string @namespace,
        string name,
        string reason
    );

    [LoggerMessage(
        OperatorEventId.Starting,
        LogLevel.Information,
        "Granary operator {Version} starts; worker image {WorkerImage}, serving on {Address}"
    )]
    public static partial void Starting(this ILogger logger, string version, string workerImage, string address);

    [LoggerMessage(
        OperatorEventId.WipeOutLeft,
        LogLevel.Warning,
        "Repository {Namespace}/{Name} goes with its namespace; the data that its wipeOut asks to delete stays"
    )]
    public static partial void WipeOutLeft(this ILogger logger, string @namespace, string name);

    [LoggerMessage(
        OperatorEventId.ApiBusy,
        LogLevel.Information,
        "The API server is busy: {Method} {Path} is asked again after {Delay}"
    )]
    public static partial void ApiBusy(this ILogger logger, string method, string path, TimeSpan delay);
}
