namespace Granary.Api.Names;

/// <summary>What a backup Job does around the backup itself.</summary>
public static class BackupActions
{
    public const string InitializeBackendRepository = "InitializeBackendRepository";
    public const string ApplyRetentionPolicy = "ApplyRetentionPolicy";
    public const string VerifyRepositoryIntegrity = "VerifyRepositoryIntegrity";
    public const string SendRepositoryMetrics = "SendRepositoryMetrics";

    /// <summary>Those behind the backup, in their order. The first that fails ends the sequence (§2.5).</summary>
    public static IReadOnlyList<PostBackupAction> PostBackup { get; } =
    [
        new(
            ApplyRetentionPolicy,
            ConditionTypes.RetentionPolicyApplied,
            ConditionReasons.SuccessfullyAppliedRetentionPolicy,
            ConditionReasons.FailedToApplyRetentionPolicy
        ),
        new(
            VerifyRepositoryIntegrity,
            ConditionTypes.RepositoryIntegrityVerified,
            ConditionReasons.SuccessfullyVerifiedRepositoryIntegrity,
            ConditionReasons.FailedToVerifyRepositoryIntegrity
        ),
        new(
            SendRepositoryMetrics,
            ConditionTypes.RepositoryMetricsPushed,
            ConditionReasons.SuccessfullyPushedRepositoryMetrics,
            ConditionReasons.FailedToPushRepositoryMetrics
        ),
    ];

    /// <summary>The action of a name; null when there is none.</summary>
    public static PostBackupAction? Find(string name) => PostBackup.FirstOrDefault(action => action.Name == name);
}

/// <summary>An action behind a backup, and the condition of the session that tells its outcome.</summary>
/// <param name="Name">Its name in <c>status.targets[].postBackupActions</c>.</param>
/// <param name="Condition">Type of the condition.</param>
/// <param name="GoodReason">Reason of the condition when it is True.</param>
/// <param name="BadReason">Reason of the condition when it is False.</param>
public sealed record PostBackupAction(string Name, string Condition, string GoodReason, string BadReason)
{
    /// <summary>The condition's reason.</summary>
    /// <param name="isDone">Whether the action went well.</param>
    public string Reason(bool isDone) => isDone ? GoodReason : BadReason;
}
