namespace Granary.Api.Names;

/// <summary>What a backup Job does around the backup itself.</summary>
public static class BackupActions
{
    public const string InitializeBackendRepository = "InitializeBackendRepository";
    public const string ApplyRetentionPolicy = "ApplyRetentionPolicy";
    public const string VerifyRepositoryIntegrity = "VerifyRepositoryIntegrity";
    public const string SendRepositoryMetrics = "SendRepositoryMetrics";
}
