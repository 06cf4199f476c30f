using Granary.Api.Common;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Stash.V1Alpha1;

/// <summary>A repository: where backups are stored, and what is known about it.</summary>
[KubernetesEntity(
    Group = "stash.appscode.com",
    ApiVersion = "v1alpha1",
    Kind = "Repository",
    PluralName = "repositories"
)]
[KubernetesEntityShortNames("repo")]
[GenericAdditionalPrinterColumn(".status.integrity", "Integrity", "boolean")]
[GenericAdditionalPrinterColumn(".status.totalSize", "Size", "string")]
[GenericAdditionalPrinterColumn(".status.snapshotCount", "Snapshot-Count", "integer")]
[GenericAdditionalPrinterColumn(".status.lastBackupTime", "Last-Successful-Backup", "date", Format = "date-time")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class Repository : CustomKubernetesEntity<RepositorySpec, RepositoryStatus> { }

/// <summary>Where a repository is stored and who may use it.</summary>
public class RepositorySpec
{
    /// <summary>Where the data is.</summary>
    public Backend? Backend { get; set; }

    /// <summary>Whether the stored data is deleted together with this object.</summary>
    public bool WipeOut { get; set; }

    /// <summary>Which namespaces may refer to this Repository; its own only when absent.</summary>
    public UsagePolicy? UsagePolicy { get; set; }
}

/// <summary>What is known about a repository.</summary>
public sealed class RepositoryStatus : IHasConditions
{
    /// <summary>The generation that was last acted on.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>When the first backup succeeded.</summary>
    public DateTimeOffset? FirstBackupTime { get; set; }

    /// <summary>When the last successful backup session was created.</summary>
    public DateTimeOffset? LastBackupTime { get; set; }

    /// <summary>Whether the last check found the repository sound.</summary>
    public bool? Integrity { get; set; }

    /// <summary>Size of the stored data, such as <c>1.770 KiB</c>.</summary>
    public string? TotalSize { get; set; }

    /// <summary>Number of snapshots.</summary>
    public long? SnapshotCount { get; set; }

    /// <summary>Number of snapshots that the retention policy removed last time.</summary>
    public long? SnapshotsRemovedOnLastCleanup { get; set; }

    /// <summary>The invokers and restores that use this Repository.</summary>
    public List<TypedObjectReference> References { get; set; } = [];

    /// <summary>Conditions of the object.</summary>
    public List<Condition> Conditions { get; set; } = [];
}
