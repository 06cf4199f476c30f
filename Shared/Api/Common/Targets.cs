using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>What is backed up.</summary>
public sealed class BackupTarget
{
    /// <summary>Host under which the snapshots appear in the repository; <c>host-0</c> when absent.</summary>
    public string? Alias { get; set; }

    /// <summary>The object to back up.</summary>
    public TargetRef? Ref { get; set; }

    /// <summary>Paths to back up, for workloads.</summary>
    public List<string>? Paths { get; set; }

    /// <summary>Mounts of the volumes that hold the paths, for workloads.</summary>
    public List<V1VolumeMount>? VolumeMounts { get; set; }

    /// <summary>Number of volumes to snapshot, for workloads.</summary>
    public int? Replicas { get; set; }

    /// <summary>VolumeSnapshotClass to use, for the VolumeSnapshotter driver.</summary>
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string? SnapshotClassName { get; set; }

    /// <summary>Patterns to leave out, for workloads.</summary>
    public List<string>? Exclude { get; set; }

    /// <summary>Further arguments for the repository program.</summary>
    public List<string>? Args { get; set; }
}

/// <summary>Where data is restored to, and which data.</summary>
public sealed class RestoreTarget
{
    /// <summary>Host by which the rules know this target.</summary>
    public string? Alias { get; set; }

    /// <summary>The object to restore into.</summary>
    public TargetRef? Ref { get; set; }

    /// <summary>What to restore, by host.</summary>
    public List<Rule>? Rules { get; set; }

    /// <summary>Mounts of the volumes to restore into, for workloads.</summary>
    public List<V1VolumeMount>? VolumeMounts { get; set; }

    /// <summary>Number of hosts to restore.</summary>
    public int? Replicas { get; set; }

    /// <summary>Claims to make and restore into, for workloads.</summary>
    public List<PersistentVolumeClaimTemplate>? VolumeClaimTemplates { get; set; }

    /// <summary>Further arguments for the repository program.</summary>
    public List<string>? Args { get; set; }
}

/// <summary>Says what is restored on which hosts.</summary>
public sealed class Rule
{
    /// <summary>Hosts the rule is for; none means every host that no other rule names.</summary>
    public List<string>? TargetHosts { get; set; }

    /// <summary>Host whose data is restored; the target's own when absent.</summary>
    public string? SourceHost { get; set; }

    /// <summary>Snapshots to restore: ids or <c>latest</c>.</summary>
    public List<string>? Snapshots { get; set; }

    /// <summary>Paths to restore, for workloads.</summary>
    public List<string>? Paths { get; set; }

    /// <summary>Patterns to restore only, for workloads.</summary>
    public List<string>? Include { get; set; }

    /// <summary>Patterns to leave out, for workloads.</summary>
    public List<string>? Exclude { get; set; }
}
