using Granary.Api;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Worker.Reporting;

namespace Granary.Worker.Metrics;

/// <summary>
/// The series of hosts and of the repository, each under its documented and its current name (D22). Source: §5.2.
/// </summary>
internal static class HostSeries
{
    /// <summary>
    /// Adds a host's backup. A failure only sets the success gauge to 0; the others keep their old values.
    /// </summary>
    public static void AddBackup(Exposition series, Dictionary<string, string> labels, HostOutput host)
    {
        void Add(string name, double value) =>
            AddBoth(
                series,
                $"stash_backup_host_{name}",
                $"stash_appscode_com_backupsession_host_{name}",
                labels,
                value
            );

        Add("backup_success", host.HasSucceeded() ? 1 : 0);
        if (!host.HasSucceeded())
        {
            return;
        }

        Add("backup_duration_seconds", Seconds(host.Duration));
        var snapshots = host.Snapshots ?? [];
        Add("data_size_bytes", snapshots.Sum(s => s.TotalBytes ?? Size(s.TotalSize)));
        Add("data_uploaded_bytes", snapshots.Sum(s => s.UploadedBytes ?? Size(s.Uploaded)));
        Add(
            "data_processing_time_seconds",
            snapshots.Sum(s => s.ProcessingSeconds ?? ProcessingSeconds(s.ProcessingTime))
        );
        Add("files_total", snapshots.Sum(s => s.FileStats?.TotalFiles ?? 0));
        Add("files_new", snapshots.Sum(s => s.FileStats?.NewFiles ?? 0));
        Add("files_modified", snapshots.Sum(s => s.FileStats?.ModifiedFiles ?? 0));
        Add("files_unmodified", snapshots.Sum(s => s.FileStats?.UnmodifiedFiles ?? 0));
    }

    /// <summary>Adds a host's restore.</summary>
    public static void AddRestore(Exposition series, Dictionary<string, string> labels, HostOutput host)
    {
        void Add(string name, double value) =>
            AddBoth(
                series,
                $"stash_restore_host_{name}",
                $"stash_appscode_com_restoresession_host_{name}",
                labels,
                value
            );

        Add("restore_success", host.HasSucceeded() ? 1 : 0);
        if (host.HasSucceeded())
        {
            Add("restore_duration_seconds", Seconds(host.Duration));
        }
    }

    /// <summary>Adds what is known about the repository.</summary>
    public static void AddRepository(Exposition series, Dictionary<string, string> labels, RepositoryFacts facts)
    {
        void Add(string name, double? value)
        {
            if (value is { } known)
            {
                AddBoth(series, $"stash_repository_{name}", $"stash_appscode_com_repository_{name}", labels, known);
            }
        }

        Add(
            "integrity",
            facts.Integrity is { } sound
                ? sound
                    ? 1
                    : 0
                : null
        );
        Add("size_bytes", facts.SizeBytes);
        Add("snapshot_count", facts.SnapshotCount);
        Add("snapshot_cleaned", facts.SnapshotsRemoved);
    }

    /// <summary>A host as another Job reported it, from the texts of the status.</summary>
    public static HostOutput Of(HostBackupStats stats) =>
        new()
        {
            Hostname = stats.Hostname ?? "",
            Phase = stats.Phase ?? HostPhase.Failed,
            Duration = stats.Duration,
            Snapshots = stats.Snapshots?.ConvertAll(s => new SnapshotOutput
            {
                Name = s.Name ?? "",
                Path = s.Path ?? "",
                TotalSize = s.TotalSize,
                Uploaded = s.Uploaded,
                ProcessingTime = s.ProcessingTime,
                FileStats = s.FileStats,
            }),
        };

    private static void AddBoth(
        Exposition series,
        string legacy,
        string current,
        Dictionary<string, string> labels,
        double value
    )
    {
        series.Gauge(legacy, labels, value);
        series.Gauge(current, labels, value);
    }

    private static double Seconds(string? duration) =>
        GoDuration.TryParse(duration, out var parsed) ? parsed.TotalSeconds : 0;

    private static double ProcessingSeconds(string? text) =>
        StatusText.TryParseProcessingTime(text, out var time) ? time.TotalSeconds : 0;

    private static long Size(string? text) => StatusText.TryParseSize(text, out var bytes) ? bytes : 0;
}

/// <summary>What an epilogue found out about a repository; null where it did not look.</summary>
/// <param name="Integrity">Whether a check found it sound.</param>
/// <param name="SizeBytes">Size of the stored data.</param>
/// <param name="SnapshotCount">Number of snapshots.</param>
/// <param name="SnapshotsRemoved">How many snapshots the retention policy removed.</param>
internal sealed record RepositoryFacts(
    bool? Integrity = null,
    long? SizeBytes = null,
    long? SnapshotCount = null,
    long? SnapshotsRemoved = null
);
