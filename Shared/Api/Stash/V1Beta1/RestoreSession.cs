using Granary.Api.Common;
using Granary.Api.Names;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Stash.V1Beta1;

/// <summary>Restores a target, once.</summary>
[KubernetesEntity(
    Group = "stash.appscode.com",
    ApiVersion = "v1beta1",
    Kind = "RestoreSession",
    PluralName = "restoresessions"
)]
[KubernetesEntityShortNames("restore")]
[GenericAdditionalPrinterColumn(".spec.repository.name", "Repository", "string")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
[GenericAdditionalPrinterColumn(".status.sessionDuration", "Duration", "string")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class RestoreSession : CustomKubernetesEntity<RestoreSessionSpec, RestoreSessionStatus> { }

/// <summary>What is restored and how, without wherefrom.</summary>
public abstract class RestoreTemplate
{
    /// <summary>Task that does the work; empty means the one that the AppBinding names.</summary>
    public TaskRef? Task { get; set; }

    /// <summary>Where to restore to, and what.</summary>
    public RestoreTarget? Target { get; set; }

    /// <summary>Settings of the pods that run for this.</summary>
    public RuntimeSettings? RuntimeSettings { get; set; }

    /// <summary>Scratch space of the Job.</summary>
    public EmptyDirSettings? TempDir { get; set; }

    /// <summary>Claim for data on its way, for tasks that need one.</summary>
    public PersistentVolumeClaimTemplate? InterimVolumeTemplate { get; set; }

    /// <summary>Actions before and after the restore.</summary>
    public RestoreHooks? Hooks { get; set; }
}

/// <summary>What is restored, how and wherefrom.</summary>
public sealed class RestoreSessionSpec : RestoreTemplate
{
    /// <summary>Restic or VolumeSnapshotter.</summary>
    [EnumValues(Drivers.Restic, Drivers.VolumeSnapshotter)]
    [DefaultValue(Drivers.Restic)]
    public string? Driver { get; set; }

    /// <summary>The Repository to restore from.</summary>
    public ObjectReference? Repository { get; set; }

    /// <summary>What to restore, by host. Deprecated: belongs under <c>target</c>, where it wins.</summary>
    public List<Rule>? Rules { get; set; }

    /// <summary>Go duration within which the restore has to be complete.</summary>
    public string? TimeOut { get; set; }

    /// <summary>The rules that count: those under <c>target</c>, else those at the deprecated place.</summary>
    public IReadOnlyList<Rule> EffectiveRules() => Target?.Rules is { Count: > 0 } rules ? rules : Rules ?? [];
}

/// <summary>How a restore went.</summary>
public sealed class RestoreSessionStatus : IHasConditions
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

    /// <summary>How many hosts are going to report.</summary>
    public int? TotalHosts { get; set; }

    /// <summary>Go duration from creation to the final phase.</summary>
    public string? SessionDuration { get; set; }

    /// <summary>When the restore is given up.</summary>
    public DateTimeOffset? SessionDeadline { get; set; }

    /// <summary>What every host reported.</summary>
    public List<HostRestoreStats> Stats { get; set; } = [];

    /// <summary>Conditions of the restore.</summary>
    public List<Condition> Conditions { get; set; } = [];
}

/// <summary>How the restore of one host went.</summary>
public sealed class HostRestoreStats
{
    /// <summary>Host that was restored.</summary>
    public string? Hostname { get; set; }

    /// <summary>Succeeded, Failed, Running or Unknown.</summary>
    [EnumValues(HostPhase.Succeeded, HostPhase.Failed, HostPhase.Running, HostPhase.Unknown)]
    public string? Phase { get; set; }

    /// <summary>Go duration of the restore.</summary>
    public string? Duration { get; set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; set; }
}
