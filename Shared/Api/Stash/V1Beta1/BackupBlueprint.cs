using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Stash.V1Beta1;

/// <summary>
/// Template of the Repository and BackupConfiguration of every target that asks for it by annotation.
/// </summary>
[KubernetesEntity(
    Group = "stash.appscode.com",
    ApiVersion = "v1beta1",
    Kind = "BackupBlueprint",
    PluralName = "backupblueprints"
)]
[KubernetesEntityShortNames("bb")]
[EntityScope(EntityScope.Cluster)]
[GenericAdditionalPrinterColumn(".spec.task.name", "Task", "string")]
[GenericAdditionalPrinterColumn(".spec.schedule", "Schedule", "string")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class BackupBlueprint : CustomKubernetesEntity<BackupBlueprintSpec> { }

/// <summary>A Repository's spec, and what a BackupConfiguration needs besides a target.</summary>
public sealed class BackupBlueprintSpec : RepositorySpec
{
    /// <summary>Namespace of the objects to make; the target's when absent.</summary>
    [Pattern(DnsName.LabelPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? BackupNamespace { get; set; }

    /// <summary>Namespace of the Repository to make, should it differ.</summary>
    [Pattern(DnsName.LabelPattern), Length(maxLength: DnsName.MaxLabel)]
    public string? RepoNamespace { get; set; }

    /// <summary>Cron expression of the sessions.</summary>
    public string? Schedule { get; set; }

    /// <summary>Task that does the work.</summary>
    public TaskRef? Task { get; set; }

    /// <summary>Which snapshots are kept.</summary>
    [Required]
    public RetentionPolicy RetentionPolicy { get; set; } = new();

    /// <summary>Settings of the pods that run for the backups.</summary>
    public RuntimeSettings? RuntimeSettings { get; set; }

    /// <summary>Scratch space of the Jobs.</summary>
    public EmptyDirSettings? TempDir { get; set; }

    /// <summary>Claim for data on its way, for tasks that need one.</summary>
    public PersistentVolumeClaimTemplate? InterimVolumeTemplate { get; set; }

    /// <summary>Actions before and after each backup.</summary>
    public BackupHooks? Hooks { get; set; }

    /// <summary>How many finished BackupSessions are kept; 1 when absent.</summary>
    public int? BackupHistoryLimit { get; set; }

    /// <summary>Go duration within which a session has to be complete.</summary>
    public string? TimeOut { get; set; }

    /// <summary>Whether and how failed sessions are tried again.</summary>
    public RetryConfig? RetryConfig { get; set; }
}
