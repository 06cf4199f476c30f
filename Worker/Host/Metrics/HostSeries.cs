using Granary.Api;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Metrics;
using Granary.Worker.Reporting;

namespace Granary.Worker.Metrics;

/// <summary>
/// Makes the series of hosts and of the repository from what steps report. Source: stash-behaviour §5.2.
/// </summary>
internal static class HostSeries
{
    /// <summary>
    /// Adds a host's backup. A failure only sets the success gauge to 0; the others keep their old values.
    /// </summary>
    public static void AddBackup(Exposition series, Dictionary<string, string> labels, HostOutput host)
    {
        series.Add(PushedMetrics.BackupHostSuccess, labels, host.HasSucceeded());
        if (!host.HasSucceeded())
        {
            return;
        }

        var snapshots = host.Snapshots ?? [];
        series.Add(PushedMetrics.BackupHostDuration, labels, Seconds(host.Duration));
        Sum(PushedMetrics.BackupHostDataSize, snapshot => snapshot.TotalBytes ?? Size(snapshot.TotalSize));
        Sum(PushedMetrics.BackupHostDataUploaded, snapshot => snapshot.UploadedBytes ?? Size(snapshot.Uploaded));
        Sum(PushedMetrics.BackupHostProcessingTime, snapshot =>
            snapshot.ProcessingSeconds ?? ProcessingSeconds(snapshot.ProcessingTime)
        );
        Sum(PushedMetrics.BackupHostFilesTotal, snapshot => snapshot.FileStats?.TotalFiles ?? 0);
        Sum(PushedMetrics.BackupHostFilesNew, snapshot => snapshot.FileStats?.NewFiles ?? 0);
        Sum(PushedMetrics.BackupHostFilesModified, snapshot => snapshot.FileStats?.ModifiedFiles ?? 0);
        Sum(PushedMetrics.BackupHostFilesUnmodified, snapshot => snapshot.FileStats?.UnmodifiedFiles ?? 0);

        void Sum(PushedMetric metric, Func<SnapshotOutput, double> value) =>
            series.Add(metric, labels, snapshots.Sum(value));
    }

    /// <summary>Adds a host's restore.</summary>
    public static void AddRestore(Exposition series, Dictionary<string, string> labels, HostOutput host)
    {
        series.Add(PushedMetrics.RestoreHostSuccess, labels, host.HasSucceeded());
        if (host.HasSucceeded())
        {
            series.Add(PushedMetrics.RestoreHostDuration, labels, Seconds(host.Duration));
        }
    }

    /// <summary>Adds what is known about the repository.</summary>
    public static void AddRepository(Exposition series, Dictionary<string, string> labels, RepositoryFacts facts)
    {
        if (facts.Integrity is { } isSound)
        {
            series.Add(PushedMetrics.RepositoryIntegrity, labels, isSound);
        }

        Known(PushedMetrics.RepositorySize, facts.SizeBytes);
        Known(PushedMetrics.RepositorySnapshotCount, facts.SnapshotCount);
        Known(PushedMetrics.RepositorySnapshotsCleaned, facts.SnapshotsRemoved);

        void Known(PushedMetric metric, long? value)
        {
            if (value is { } known)
            {
                series.Add(metric, labels, known);
            }
        }
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
