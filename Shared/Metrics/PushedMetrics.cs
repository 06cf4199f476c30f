using static Granary.Metrics.MetricPusher;
using static Granary.Metrics.MetricUnit;

namespace Granary.Metrics;

/// <summary>
/// Every series that Granary pushes: its two names, its unit, the program that pushes it, its help. Source:
/// stash-behaviour §5.2 and §5.4. A new series is a row here; <c>docs/metrics.md</c> has the same rows.
/// </summary>
/// <remarks>After a failure only the series of success are pushed, as 0; the others keep their old values.</remarks>
public static class PushedMetrics
{
    public static readonly PushedMetric BackupSessionSuccess = new(
        "stash_backup_session_success",
        "stash_appscode_com_backupsession_success",
        Flag,
        Operator,
        "Whether every target of the last session was backed up."
    );
    public static readonly PushedMetric BackupSessionDuration = new(
        "stash_backup_session_duration_seconds",
        "stash_appscode_com_backupsession_duration_seconds",
        Seconds,
        Operator,
        "How long the last successful session took."
    );
    public static readonly PushedMetric BackupTargetCount = new(
        "stash_backup_target_count_total",
        "stash_appscode_com_backupsession_target_count_total",
        Count,
        Operator,
        "Targets of the last successful session."
    );
    public static readonly PushedMetric BackupLastSuccess = new(
        "stash_backup_last_success_time_seconds",
        "stash_appscode_com_backupsession_last_success_time_seconds",
        UnixSeconds,
        Operator,
        "When the last successful session ended."
    );
    public static readonly PushedMetric BackupTargetSuccess = new(
        "stash_backup_target_success",
        "stash_appscode_com_backupsession_target_success",
        Flag,
        Operator,
        "Whether the target was backed up."
    );
    public static readonly PushedMetric BackupTargetHostCount = new(
        "stash_backup_target_host_count_total",
        "stash_appscode_com_backupsession_target_host_count_total",
        Count,
        Operator,
        "Hosts of the target that was backed up."
    );
    public static readonly PushedMetric BackupTargetLastSuccess = new(
        "stash_backup_target_last_success_time_seconds",
        "stash_appscode_com_backupsession_target_last_success_time_seconds",
        UnixSeconds,
        Operator,
        "When the target was last backed up."
    );
    public static readonly PushedMetric BackupHostSuccess = new(
        "stash_backup_host_backup_success",
        "stash_appscode_com_backupsession_host_backup_success",
        Flag,
        Worker,
        "Whether the host was backed up."
    );
    public static readonly PushedMetric BackupHostDuration = new(
        "stash_backup_host_backup_duration_seconds",
        "stash_appscode_com_backupsession_host_backup_duration_seconds",
        Seconds,
        Worker,
        "How long the backup of the host took."
    );
    public static readonly PushedMetric BackupHostDataSize = new(
        "stash_backup_host_data_size_bytes",
        "stash_appscode_com_backupsession_host_data_size_bytes",
        Bytes,
        Worker,
        "Size of the host's data."
    );
    public static readonly PushedMetric BackupHostDataUploaded = new(
        "stash_backup_host_data_uploaded_bytes",
        "stash_appscode_com_backupsession_host_data_uploaded_bytes",
        Bytes,
        Worker,
        "Bytes that the backup of the host had to store."
    );
    public static readonly PushedMetric BackupHostProcessingTime = new(
        "stash_backup_host_data_processing_time_seconds",
        "stash_appscode_com_backupsession_host_data_processing_time_seconds",
        Seconds,
        Worker,
        "How long the host's data was read and stored."
    );
    public static readonly PushedMetric BackupHostFilesTotal = new(
        "stash_backup_host_files_total",
        "stash_appscode_com_backupsession_host_files_total",
        Count,
        Worker,
        "Files in the snapshots of the host."
    );
    public static readonly PushedMetric BackupHostFilesNew = new(
        "stash_backup_host_files_new",
        "stash_appscode_com_backupsession_host_files_new",
        Count,
        Worker,
        "New files in the snapshots of the host."
    );
    public static readonly PushedMetric BackupHostFilesModified = new(
        "stash_backup_host_files_modified",
        "stash_appscode_com_backupsession_host_files_modified",
        Count,
        Worker,
        "Modified files in the snapshots of the host."
    );
    public static readonly PushedMetric BackupHostFilesUnmodified = new(
        "stash_backup_host_files_unmodified",
        "stash_appscode_com_backupsession_host_files_unmodified",
        Count,
        Worker,
        "Unmodified files in the snapshots of the host."
    );
    public static readonly PushedMetric RepositoryIntegrity = new(
        "stash_repository_integrity",
        "stash_appscode_com_repository_integrity",
        Flag,
        Worker,
        "Whether the last check found the repository sound."
    );
    public static readonly PushedMetric RepositorySize = new(
        "stash_repository_size_bytes",
        "stash_appscode_com_repository_size_bytes",
        Bytes,
        Worker,
        "Size of what the repository stores."
    );
    public static readonly PushedMetric RepositorySnapshotCount = new(
        "stash_repository_snapshot_count",
        "stash_appscode_com_repository_snapshot_count",
        Count,
        Worker,
        "Snapshots in the repository."
    );
    public static readonly PushedMetric RepositorySnapshotsCleaned = new(
        "stash_repository_snapshot_cleaned",
        "stash_appscode_com_repository_snapshot_cleaned",
        Count,
        Worker,
        "Snapshots that the retention policy removed at the last clean-up."
    );
    public static readonly PushedMetric RestoreSessionSuccess = new(
        "stash_restore_session_success",
        "stash_appscode_com_restoresession_success",
        Flag,
        Operator,
        "Whether every target of the restore was restored."
    );
    public static readonly PushedMetric RestoreSessionDuration = new(
        "stash_restore_session_duration_seconds",
        "stash_appscode_com_restoresession_duration_seconds",
        Seconds,
        Operator,
        "How long the successful restore took."
    );
    public static readonly PushedMetric RestoreTargetCount = new(
        "stash_restore_target_count_total",
        "stash_appscode_com_restoresession_target_count_total",
        Count,
        Operator,
        "Targets of the successful restore."
    );
    public static readonly PushedMetric RestoreTargetSuccess = new(
        "stash_restore_target_success",
        "stash_appscode_com_restoresession_target_success",
        Flag,
        Operator,
        "Whether the target was restored."
    );
    public static readonly PushedMetric RestoreTargetHostCount = new(
        "stash_restore_target_host_count_total",
        "stash_appscode_com_restoresession_target_host_count_total",
        Count,
        Operator,
        "Hosts of the target that was restored."
    );
    public static readonly PushedMetric RestoreHostSuccess = new(
        "stash_restore_host_restore_success",
        "stash_appscode_com_restoresession_host_restore_success",
        Flag,
        Worker,
        "Whether the host was restored."
    );
    public static readonly PushedMetric RestoreHostDuration = new(
        "stash_restore_host_restore_duration_seconds",
        "stash_appscode_com_restoresession_host_restore_duration_seconds",
        Seconds,
        Worker,
        "How long the restore of the host took."
    );

    /// <summary>All of them, in the order of the page.</summary>
    public static IReadOnlyList<PushedMetric> All { get; } =
    [
        BackupSessionSuccess,
        BackupSessionDuration,
        BackupTargetCount,
        BackupLastSuccess,
        BackupTargetSuccess,
        BackupTargetHostCount,
        BackupTargetLastSuccess,
        BackupHostSuccess,
        BackupHostDuration,
        BackupHostDataSize,
        BackupHostDataUploaded,
        BackupHostProcessingTime,
        BackupHostFilesTotal,
        BackupHostFilesNew,
        BackupHostFilesModified,
        BackupHostFilesUnmodified,
        RepositoryIntegrity,
        RepositorySize,
        RepositorySnapshotCount,
        RepositorySnapshotsCleaned,
        RestoreSessionSuccess,
        RestoreSessionDuration,
        RestoreTargetCount,
        RestoreTargetSuccess,
        RestoreTargetHostCount,
        RestoreHostSuccess,
        RestoreHostDuration,
    ];
}
