using Granary.Api.Common;
using Granary.Api.Names;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Stash.V1Beta1;

/// <summary>Backs up several targets in one session.</summary>
[KubernetesEntity(
    Group = "stash.appscode.com",
    ApiVersion = "v1beta1",
    Kind = "BackupBatch",
    PluralName = "backupbatches"
)]
[GenericAdditionalPrinterColumn(".spec.schedule", "Schedule", "string")]
[GenericAdditionalPrinterColumn(".spec.paused", "Paused", "boolean")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class BackupBatch : CustomKubernetesEntity<BackupBatchSpec, BackupBatchStatus> { }

/// <summary>What is backed up, when and whereto.</summary>
public sealed class BackupBatchSpec
{
    /// <summary>The targets; each should have an alias of its own.</summary>
    public List<BackupBatchMember>? Members { get; set; }

    /// <summary>Cron expression of the sessions.</summary>
    public string? Schedule { get; set; }

    /// <summary>Settings of the pods that create the sessions.</summary>
    public RuntimeSettings? RuntimeSettings { get; set; }

    /// <summary>Restic or VolumeSnapshotter.</summary>
    [EnumValues(Drivers.Restic, Drivers.VolumeSnapshotter)]
    [DefaultValue(Drivers.Restic)]
    public string? Driver { get; set; }

    /// <summary>The Repository to store backups in.</summary>
    public ObjectReference? Repository { get; set; }

    /// <summary>Which snapshots are kept.</summary>
    [Required]
    public RetentionPolicy RetentionPolicy { get; set; } = new();

    /// <summary>Whether the schedule is suspended.</summary>
    [DefaultValue(false)]
    public bool Paused { get; set; }

    /// <summary>How many finished BackupSessions are kept; 1 when absent.</summary>
    public int? BackupHistoryLimit { get; set; }

    /// <summary>Actions before and after the whole session.</summary>
    public BackupHooks? Hooks { get; set; }

    /// <summary>Parallel or Sequential.</summary>
    [DefaultValue(Names.ExecutionOrder.Parallel)]
    public string? ExecutionOrder { get; set; }

    /// <summary>Go duration within which a session has to be complete.</summary>
    public string? TimeOut { get; set; }

    /// <summary>Whether and how failed sessions are tried again.</summary>
    public RetryConfig? RetryConfig { get; set; }
}

/// <summary>One target of a batch.</summary>
public sealed class BackupBatchMember : BackupTemplate { }

/// <summary>What is known about a BackupBatch.</summary>
public sealed class BackupBatchStatus : IHasConditions
{
    /// <summary>The generation that was last acted on.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>Invalid, NotReady or Ready.</summary>
    [EnumValues(InvokerPhase.Invalid, InvokerPhase.Ready, InvokerPhase.NotReady)]
    public string? Phase { get; set; }

    /// <summary>Conditions of the members.</summary>
    public List<MemberConditions> MemberConditions { get; set; } = [];

    /// <summary>Conditions of the object.</summary>
    public List<Condition> Conditions { get; set; } = [];
}

/// <summary>Conditions of one member of a batch.</summary>
public sealed class MemberConditions : IHasConditions
{
    /// <summary>The member's target.</summary>
    [Required]
    public TargetRef Target { get; set; } = new();

    /// <summary>Its conditions.</summary>
    public List<Condition> Conditions { get; set; } = [];
}
