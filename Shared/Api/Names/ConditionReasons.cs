namespace Granary.Api.Names;

/// <summary>Every condition reason. Source: stash-behaviour §1.4 to §1.11.</summary>
public static class ConditionReasons
{
    // RepositoryFound
    public const string RepositoryAvailable = "RepositoryAvailable";
    public const string RepositoryNotAvailable = "RepositoryNotAvailable";
    public const string UnableToCheckRepositoryAvailability = "UnableToCheckRepositoryAvailability";

    // BackendSecretFound
    public const string BackendSecretAvailable = "BackendSecretAvailable";
    public const string BackendSecretNotAvailable = "BackendSecretNotAvailable";
    public const string UnableToCheckBackendSecretAvailability = "UnableToCheckBackendSecretAvailability";

    // ValidationPassed
    public const string ResourceValidationPassed = "ResourceValidationPassed";
    public const string ResourceValidationFailed = "ResourceValidationFailed";

    // BackupTargetFound, RestoreTargetFound
    public const string TargetAvailable = "TargetAvailable";
    public const string TargetNotAvailable = "TargetNotAvailable";
    public const string UnableToCheckTargetAvailability = "UnableToCheckTargetAvailability";

    // CronJobCreated
    public const string CronJobCreationSucceeded = "CronJobCreationSucceeded";
    public const string CronJobCreationFailed = "CronJobCreationFailed";

    // StashSidecarInjected
    public const string SidecarInjectionSucceeded = "SidecarInjectionSucceeded";
    public const string SidecarInjectionFailed = "SidecarInjectionFailed";

    // BackupSession
    public const string SkippedTakingNewBackup = "SkippedTakingNewBackup";
    public const string BackendRepositoryFound = "BackendRepositoryFound";
    public const string FailedToInitializeBackendRepository = "FailedToInitializeBackendRepository";
    public const string SuccessfullyAppliedRetentionPolicy = "SuccessfullyAppliedRetentionPolicy";
    public const string FailedToApplyRetentionPolicy = "FailedToApplyRetentionPolicy";
    public const string SuccessfullyVerifiedRepositoryIntegrity = "SuccessfullyVerifiedRepositoryIntegrity";
    public const string FailedToVerifyRepositoryIntegrity = "FailedToVerifyRepositoryIntegrity";
    public const string SuccessfullyPushedRepositoryMetrics = "SuccessfullyPushedRepositoryMetrics";
    public const string FailedToPushRepositoryMetrics = "FailedToPushRepositoryMetrics";
    public const string SuccessfullyCleanedBackupHistory = "SuccessfullyCleanedBackupHistory";
    public const string FailedToCleanBackupHistory = "FailedToCleanBackupHistory";
    public const string SuccessfullyPushedMetrics = "SuccessfullyPushedMetrics";
    public const string FailedToPushMetrics = "FailedToPushMetrics";
    public const string FailedToCompleteWithinDeadline = "FailedToCompleteWithinDeadline";
    public const string SuccessfullyEnsuredBackupExecutor = "SuccessfullyEnsuredBackupExecutor";
    public const string FailedToEnsureBackupExecutor = "FailedToEnsureBackupExecutor";
    public const string SuccessfullyExecutedPreBackupHook = "SuccessfullyExecutedPreBackupHook";
    public const string FailedToExecutePreBackupHook = "FailedToExecutePreBackupHook";
    public const string SuccessfullyExecutedPostBackupHook = "SuccessfullyExecutedPostBackupHook";
    public const string FailedToExecutePostBackupHook = "FailedToExecutePostBackupHook";
    public const string FailedToCompleteDueToDisruption = "FailedToCompleteDueToDisruption";
    public const string GlobalPreBackupHookExecutedSuccessfully = "GlobalPreBackupHookExecutedSuccessfully";
    public const string GlobalPreBackupHookExecutionFailed = "GlobalPreBackupHookExecutionFailed";
    public const string GlobalPostBackupHookExecutedSuccessfully = "GlobalPostBackupHookExecutedSuccessfully";
    public const string GlobalPostBackupHookExecutionFailed = "GlobalPostBackupHookExecutionFailed";

    /// <summary>Ours, see <see cref="ConditionTypes.BackupTriggered"/>.</summary>
    public const string TriggerJobSucceeded = "TriggerJobSucceeded";
    public const string TriggerJobFailed = "TriggerJobFailed";

    /// <summary>Ours, see <see cref="ConditionTypes.InvokerFound"/>.</summary>
    public const string InvokerNotFound = "InvokerNotFound";

    // RestoreSession
    public const string SuccessfullyEnsuredRestoreExecutor = "SuccessfullyEnsuredRestoreExecutor";
    public const string FailedToEnsureRestoreExecutor = "FailedToEnsureRestoreExecutor";
    public const string SuccessfullyExecutedPreRestoreHook = "SuccessfullyExecutedPreRestoreHook";
    public const string FailedToExecutePreRestoreHook = "FailedToExecutePreRestoreHook";
    public const string SuccessfullyExecutedPostRestoreHook = "SuccessfullyExecutedPostRestoreHook";
    public const string FailedToExecutePostRestoreHook = "FailedToExecutePostRestoreHook";
    public const string PostRestoreTasksExecuted = "PostRestoreTasksExecuted";
    public const string PostRestoreTasksNotExecuted = "PostRestoreTasksNotExecuted";
    public const string RestoreJobCreationSucceeded = "RestoreJobCreationSucceeded";
    public const string RestoreJobCreationFailed = "RestoreJobCreationFailed";

    // RestoreBatch
    public const string GlobalPreRestoreHookExecutedSuccessfully = "GlobalPreRestoreHookExecutedSuccessfully";
    public const string GlobalPreRestoreHookExecutionFailed = "GlobalPreRestoreHookExecutionFailed";
    public const string GlobalPostRestoreHookExecutedSuccessfully = "GlobalPostRestoreHookExecutedSuccessfully";
    public const string GlobalPostRestoreHookExecutionFailed = "GlobalPostRestoreHookExecutionFailed";
}
