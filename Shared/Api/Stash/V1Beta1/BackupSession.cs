using Granary.Api.Common;
using Granary.Api.Names;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Stash.V1Beta1;

/// <summary>One run of a backup.</summary>
[KubernetesEntity(
    Group = "stash.appscode.com",
    ApiVersion = "v1beta1",
    Kind = "BackupSession",
    PluralName = "backupsessions"
)]
[GenericAdditionalPrinterColumn(".spec.invoker.kind", "Invoker-Type", "string")]
[GenericAdditionalPrinterColumn(".spec.invoker.name", "Invoker-Name", "string")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
[GenericAdditionalPrinterColumn(".status.sessionDuration", "Duration", "string")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class BackupSession : CustomKubernetesEntity<BackupSessionSpec, BackupSessionStatus> { }

/// <summary>For whom a session runs.</summary>
public sealed class BackupSessionSpec
{
    /// <summary>The BackupConfiguration or BackupBatch, in the same namespace.</summary>
    public InvokerRef? Invoker { get; set; }

    /// <summary>How many retries are left should this session fail.</summary>
    public int RetryLeft { get; set; }
}

/// <summary>Names the invoker of a session.</summary>
public sealed class InvokerRef
{
    /// <summary>API group of the invoker.</summary>
    public string? ApiGroup { get; set; }

    /// <summary>BackupConfiguration or BackupBatch.</summary>
    [Required]
    [Pattern(DnsName.KindPattern), Length(maxLength: DnsName.MaxLabel)]
    public string Kind { get; set; } = string.Empty;

    /// <summary>Name of the invoker.</summary>
    [Required]
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string Name { get; set; } = string.Empty;
}

/// <summary>How a session went.</summary>
public sealed class BackupSessionStatus : IHasConditions
{
    /// <summary>Pending, Running, Skipped, Succeeded, Failed or Unknown.</summary>
    [EnumValues(
        SessionPhase.Pending,
        SessionPhase.Skipped,
        SessionPhase.Running,
        SessionPhase.Succeeded,
        SessionPhase.Failed,
        SessionPhase.Unknown
    )]
    public string? Phase { get; set; }

    /// <summary>Go duration from creation to the final phase.</summary>
    public string? SessionDuration { get; set; }

    /// <summary>When the session is given up.</summary>
    public DateTimeOffset? SessionDeadline { get; set; }

    /// <summary>Whether a retry of this session was created.</summary>
    public bool? Retried { get; set; }

    /// <summary>When the retry is due.</summary>
    public DateTimeOffset? NextRetry { get; set; }

    /// <summary>How each target went.</summary>
    public List<BackupTargetStatus> Targets { get; set; } = [];

    /// <summary>Conditions of the session as a whole.</summary>
    public List<Condition> Conditions { get; set; } = [];
}

/// <summary>How the backup of one target went.</summary>
public sealed class BackupTargetStatus : IHasConditions
{
    /// <summary>The target.</summary>
    public TargetRef? Ref { get; set; }

    /// <summary>How many hosts are going to report.</summary>
    public int? TotalHosts { get; set; }

    /// <summary>Pending, Running, Succeeded or Failed.</summary>
    [EnumValues(TargetPhase.Pending, TargetPhase.Running, TargetPhase.Succeeded, TargetPhase.Failed)]
    public string? Phase { get; set; }

    /// <summary>What every host reported.</summary>
    public List<HostBackupStats> Stats { get; set; } = [];

    /// <summary>What the Job does before the backup, see <see cref="BackupActions"/>.</summary>
    public List<string>? PreBackupActions { get; set; }

    /// <summary>What the Job does after the backup, in this order, see <see cref="BackupActions"/>.</summary>
    public List<string>? PostBackupActions { get; set; }

    /// <summary>Conditions of the target.</summary>
    public List<Condition> Conditions { get; set; } = [];
}

/// <summary>How the backup of one host went.</summary>
public sealed class HostBackupStats
{
    /// <summary>Host under which the snapshots are stored.</summary>
    public string? Hostname { get; set; }

    /// <summary>Succeeded or Failed.</summary>
    [EnumValues(HostPhase.Succeeded, HostPhase.Failed)]
    public string? Phase { get; set; }

    /// <summary>Go duration of the backup.</summary>
    public string? Duration { get; set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; set; }

    /// <summary>The snapshots that were made.</summary>
    public List<SnapshotStats>? Snapshots { get; set; }
}

/// <summary>One snapshot that was made.</summary>
public sealed class SnapshotStats
{
    /// <summary>Id of the snapshot.</summary>
    public string? Name { get; set; }

    /// <summary>What was backed up; <c>dumpfile.sql</c> for PostgreSQL.</summary>
    public string? Path { get; set; }

    /// <summary>Size of the data, such as <c>3.408 MiB</c>.</summary>
    public string? TotalSize { get; set; }

    /// <summary>Size of what had to be stored.</summary>
    public string? Uploaded { get; set; }

    /// <summary>Time taken, as <c>m:ss</c> or <c>h:mm:ss</c>.</summary>
    public string? ProcessingTime { get; set; }

    /// <summary>How many files were backed up.</summary>
    public FileStats? FileStats { get; set; }
}

/// <summary>Numbers of files in a snapshot, compared with the one before.</summary>
public sealed class FileStats
{
    /// <summary>All files.</summary>
    public long? TotalFiles { get; set; }

    /// <summary>Files that were not there before.</summary>
    public long? NewFiles { get; set; }

    /// <summary>Files that changed.</summary>
    public long? ModifiedFiles { get; set; }

    /// <summary>Files that did not change.</summary>
    public long? UnmodifiedFiles { get; set; }
}
