using Granary.Api.Common;
using Granary.Api.Names;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Stash.V1Beta1;

/// <summary>Restores several targets, once.</summary>
[KubernetesEntity(
    Group = "stash.appscode.com",
    ApiVersion = "v1beta1",
    Kind = "RestoreBatch",
    PluralName = "restorebatches"
)]
[GenericAdditionalPrinterColumn(".spec.repository.name", "Repository", "string")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
[GenericAdditionalPrinterColumn(".status.sessionDuration", "Duration", "string")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class RestoreBatch : CustomKubernetesEntity<RestoreBatchSpec, RestoreBatchStatus> { }

/// <summary>What is restored and wherefrom.</summary>
public sealed class RestoreBatchSpec
{
    /// <summary>Restic or VolumeSnapshotter.</summary>
    [EnumValues(Drivers.Restic, Drivers.VolumeSnapshotter)]
    [DefaultValue(Drivers.Restic)]
    public string? Driver { get; set; }

    /// <summary>The Repository to restore from.</summary>
    public ObjectReference? Repository { get; set; }

    /// <summary>The targets.</summary>
    public List<RestoreBatchMember>? Members { get; set; }

    /// <summary>Parallel or Sequential.</summary>
    [DefaultValue(Names.ExecutionOrder.Parallel)]
    public string? ExecutionOrder { get; set; }

    /// <summary>Actions before and after the whole restore.</summary>
    public RestoreHooks? Hooks { get; set; }

    /// <summary>Go duration within which the restore has to be complete.</summary>
    public string? TimeOut { get; set; }
}

/// <summary>One target of a batch.</summary>
public sealed class RestoreBatchMember : RestoreTemplate { }

/// <summary>How a batch of restores went.</summary>
public sealed class RestoreBatchStatus : IHasConditions
{
    /// <summary>Pending, Running, Succeeded, Failed, Unknown or Invalid.</summary>
    [EnumValues(
        RestorePhase.Pending,
        RestorePhase.Running,
        RestorePhase.Succeeded,
        RestorePhase.Failed,
        RestorePhase.Unknown,
        RestorePhase.Invalid
    )]
    public string? Phase { get; set; }

    /// <summary>Go duration from creation to the final phase.</summary>
    public string? SessionDuration { get; set; }

    /// <summary>When the restore is given up.</summary>
    public DateTimeOffset? SessionDeadline { get; set; }

    /// <summary>How each member went.</summary>
    public List<RestoreMemberStatus> Members { get; set; } = [];

    /// <summary>Conditions of the restore as a whole.</summary>
    public List<Condition> Conditions { get; set; } = [];
}

/// <summary>How the restore of one member went.</summary>
public sealed class RestoreMemberStatus : IHasConditions
{
    /// <summary>The member's target.</summary>
    [Required]
    public TargetRef Ref { get; set; } = new();

    /// <summary>How many hosts are going to report.</summary>
    public int? TotalHosts { get; set; }

    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    [EnumValues(
        TargetPhase.Pending,
        TargetPhase.Succeeded,
        TargetPhase.Running,
        TargetPhase.Failed,
        TargetPhase.Unknown
    )]
    public string? Phase { get; set; }

    /// <summary>What every host reported.</summary>
    public List<HostRestoreStats> Stats { get; set; } = [];

    /// <summary>Conditions of the member.</summary>
    public List<Condition> Conditions { get; set; } = [];
}
