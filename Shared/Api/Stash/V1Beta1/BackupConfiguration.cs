using Granary.Api.Common;
using Granary.Api.Names;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Stash.V1Beta1;

/// <summary>Backs up a target on a schedule.</summary>
[KubernetesEntity(
    Group = "stash.appscode.com",
    ApiVersion = "v1beta1",
    Kind = "BackupConfiguration",
    PluralName = "backupconfigurations"
)]
[KubernetesEntityShortNames("bc")]
[GenericAdditionalPrinterColumn(".spec.task.name", "Task", "string")]
[GenericAdditionalPrinterColumn(".spec.schedule", "Schedule", "string")]
[GenericAdditionalPrinterColumn(".spec.paused", "Paused", "boolean")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class BackupConfiguration
    : CustomKubernetesEntity<BackupConfigurationSpec, BackupConfigurationStatus> { }

/// <summary>What is backed up and how, without when and whereto.</summary>
public abstract class BackupTemplate
{
    /// <summary>Task that does the work; empty means the one that the AppBinding names.</summary>
    public TaskRef? Task { get; set; }

    /// <summary>What to back up.</summary>
    public BackupTarget? Target { get; set; }

    /// <summary>Settings of the pods that run for this.</summary>
    public RuntimeSettings? RuntimeSettings { get; set; }

    /// <summary>Scratch space of the Job.</summary>
    public EmptyDirSettings? TempDir { get; set; }

    /// <summary>Claim for data on its way, for tasks that need one.</summary>
    public PersistentVolumeClaimTemplate? InterimVolumeTemplate { get; set; }

    /// <summary>Actions before and after the backup.</summary>
    public BackupHooks? Hooks { get; set; }
}

/// <summary>What is backed up, how, when and whereto.</summary>
public sealed class BackupConfigurationSpec : BackupTemplate
{
    /// <summary>Cron expression of the sessions.</summary>
    public string? Schedule { get; set; }

    /// <summary>Restic or VolumeSnapshotter.</summary>
    [EnumValues(Drivers.Restic, Drivers.VolumeSnapshotter)]
    [DefaultValue(Drivers.Restic)]
    public string? Driver { get; set; }

    /// <summary>The Repository to store backups in.</summary>
    public ObjectReference? Repository { get; set; }

    /// <summary>Which snapshots are kept.</summary>
    [Required]
    public RetentionPolicy RetentionPolicy { get; set; } = new();

    /// <summary>Whether the schedule is suspended; sessions made by hand still run.</summary>
    [DefaultValue(false)]
    public bool Paused { get; set; }

    /// <summary>How many finished BackupSessions are kept; 1 when absent.</summary>
    public int? BackupHistoryLimit { get; set; }

    /// <summary>Go duration within which a session has to be complete.</summary>
    public string? TimeOut { get; set; }

    /// <summary>Whether and how failed sessions are tried again.</summary>
    public RetryConfig? RetryConfig { get; set; }
}

/// <summary>What is known about a BackupConfiguration.</summary>
public sealed class BackupConfigurationStatus : IHasConditions
{
    /// <summary>The generation that was last acted on.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>Invalid, NotReady or Ready.</summary>
    [EnumValues(InvokerPhase.Invalid, InvokerPhase.Ready, InvokerPhase.NotReady)]
    public string? Phase { get; set; }

    /// <summary>Conditions of the object.</summary>
    public List<Condition> Conditions { get; set; } = [];
}
