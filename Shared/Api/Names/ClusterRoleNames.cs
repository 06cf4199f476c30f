namespace Granary.Api.Names;

/// <summary>ClusterRoles that the operator binds. Source: docs/architecture.md.</summary>
public static class ClusterRoleNames
{
    public const string CronJob = "stash-cron-job";
    public const string BackupJob = "stash-backup-job";
    public const string RestoreJob = "stash-restore-job";
}
