namespace Granary.Api.Names;

/// <summary>Every condition type. Source: stash-behaviour §1.4 to §1.11.</summary>
public static class ConditionTypes
{
    /// <summary>
    /// The object as a whole is as it should be; on every kind with a status, for kubectl wait and GitOps tools.
    /// </summary>
    public const string Ready = "Ready";

    // BackupConfiguration, RestoreSession and the batches
    public const string RepositoryFound = "RepositoryFound";
    public const string BackendSecretFound = "BackendSecretFound";
    public const string ValidationPassed = "ValidationPassed";
    public const string BackupTargetFound = "BackupTargetFound";
    public const string CronJobCreated = "CronJobCreated";
    public const string StashSidecarInjected = "StashSidecarInjected";

    // BackupSession as a whole
    public const string BackupSkipped = "BackupSkipped";
    public const string BackendRepositoryInitialized = "BackendRepositoryInitialized";
    public const string RetentionPolicyApplied = "RetentionPolicyApplied";
    public const string RepositoryIntegrityVerified = "RepositoryIntegrityVerified";
    public const string RepositoryMetricsPushed = "RepositoryMetricsPushed";
    public const string BackupHistoryCleaned = "BackupHistoryCleaned";
    public const string DeadlineExceeded = "DeadlineExceeded";
    public const string MetricsPushed = "MetricsPushed";
    public const string GlobalPreBackupHookSucceeded = "GlobalPreBackupHookSucceeded";
    public const string GlobalPostBackupHookSucceeded = "GlobalPostBackupHookSucceeded";

    /// <summary>Ours: False on a configuration whose schedule makes no sessions, as its trigger Job fails.</summary>
    public const string BackupTriggered = "BackupTriggered";

    /// <summary>Ours: False on a session whose invoker does not exist.</summary>
    public const string InvokerFound = "InvokerFound";

    // Target of a BackupSession
    public const string BackupExecutorEnsured = "BackupExecutorEnsured";
    public const string PreBackupHookExecutionSucceeded = "PreBackupHookExecutionSucceeded";
    public const string PostBackupHookExecutionSucceeded = "PostBackupHookExecutionSucceeded";
    public const string BackupDisrupted = "BackupDisrupted";

    // RestoreSession
    public const string RestoreTargetFound = "RestoreTargetFound";
    public const string RestoreExecutorEnsured = "RestoreExecutorEnsured";
    public const string PreRestoreHookExecutionSucceeded = "PreRestoreHookExecutionSucceeded";
    public const string PostRestoreHookExecutionSucceeded = "PostRestoreHookExecutionSucceeded";
    public const string RestoreCompleted = "RestoreCompleted";
    public const string RestoreJobCreated = "RestoreJobCreated";
    public const string StashInitContainerInjected = "StashInitContainerInjected";

    /// <summary>Ours: the restore's Job was lost; the counterpart of <see cref="BackupDisrupted"/>.</summary>
    public const string RestoreDisrupted = "RestoreDisrupted";

    // RestoreBatch
    public const string GlobalPreRestoreHookSucceeded = "GlobalPreRestoreHookSucceeded";
    public const string GlobalPostRestoreHookSucceeded = "GlobalPostRestoreHookSucceeded";
}
