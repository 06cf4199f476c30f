using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;

namespace Granary.Worker.Reporting;

/// <summary>
/// What a step hands to the next one in <c>output.json</c>. Source: stash-behaviour §2.6; the raw numbers are ours
/// (D23).
/// </summary>
internal sealed class StepOutput
{
    /// <summary>How the step's target went.</summary>
    public TargetOutput TargetStatus { get; set; } = new();
}

/// <summary>How one target went.</summary>
internal sealed class TargetOutput
{
    /// <summary>The target.</summary>
    public TargetRef? Ref { get; set; }

    /// <summary>How many hosts report.</summary>
    public int TotalHosts { get; set; } = 1;

    /// <summary>What each host reported.</summary>
    public List<HostOutput> Stats { get; set; } = [];

    /// <summary>Conditions to set on the target.</summary>
    public List<Condition> Conditions { get; set; } = [];
}

/// <summary>How one host went.</summary>
internal sealed class HostOutput
{
    /// <summary>Host under which the snapshots are stored, or from which they were restored.</summary>
    public string Hostname { get; set; } = "";

    /// <summary>Succeeded or Failed.</summary>
    public string Phase { get; set; } = HostPhase.Failed;

    /// <summary>Go duration.</summary>
    public string? Duration { get; set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; set; }

    /// <summary>The snapshots that were made; null for a restore.</summary>
    public List<SnapshotOutput>? Snapshots { get; set; }

    /// <summary>Whether it succeeded.</summary>
    public bool HasSucceeded() => Phase == HostPhase.Succeeded;

    /// <summary>The same for the status of a BackupSession.</summary>
    public HostBackupStats ToBackupStats() =>
        new()
        {
            Hostname = Hostname,
            Phase = Phase,
            Duration = Duration,
            Error = Error,
            Snapshots = Snapshots?.ConvertAll(snapshot => snapshot.ToStats()),
        };

    /// <summary>The same for the status of a RestoreSession.</summary>
    public HostRestoreStats ToRestoreStats() =>
        new()
        {
            Hostname = Hostname,
            Phase = Phase,
            Duration = Duration,
            Error = Error,
        };
}

/// <summary>One snapshot that was made.</summary>
internal sealed class SnapshotOutput
{
    /// <summary>Full id of the snapshot.</summary>
    public string Name { get; set; } = "";

    /// <summary>What was backed up.</summary>
    public string Path { get; set; } = "";

    /// <summary>Size of the data, for people.</summary>
    public string? TotalSize { get; set; }

    /// <summary>Size of what had to be stored, for people.</summary>
    public string? Uploaded { get; set; }

    /// <summary>Time taken, for people.</summary>
    public string? ProcessingTime { get; set; }

    /// <summary>How many files.</summary>
    public FileStats? FileStats { get; set; }

    /// <summary>Size of the data, in bytes.</summary>
    public long? TotalBytes { get; set; }

    /// <summary>Size of what had to be stored, in bytes.</summary>
    public long? UploadedBytes { get; set; }

    /// <summary>Time taken, in seconds.</summary>
    public double? ProcessingSeconds { get; set; }

    /// <summary>The same without what the API does not have.</summary>
    public SnapshotStats ToStats() =>
        new()
        {
            Name = Name,
            Path = Path,
            TotalSize = TotalSize,
            Uploaded = Uploaded,
            ProcessingTime = ProcessingTime,
            FileStats = FileStats,
        };
}
