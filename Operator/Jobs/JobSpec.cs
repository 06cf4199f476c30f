using Granary.Api.Common;
using Granary.Operator.Tasks;
using k8s;
using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>Picks a target's Task, and gives the values of the variables in it.</summary>
/// <exception cref="TaskResolutionException">There is nothing to run; the message says why.</exception>
internal delegate (TaskRef Task, IReadOnlyDictionary<string, string> Variables) TaskChooser(
    JobSurroundings surroundings
);

/// <summary>All that the Job of one target depends on, whether it backs up or restores.</summary>
internal sealed record JobSpec
{
    /// <summary>BackupSession or RestoreSession; the Job goes with it.</summary>
    public required IKubernetesObject<V1ObjectMeta> Owner { get; init; }

    /// <summary>What asks for the backup or restore; accounts and bindings go with it.</summary>
    public required IKubernetesObject<V1ObjectMeta> Invoker { get; init; }

    /// <summary>The target's place among those of the invoker.</summary>
    public required int Index { get; init; }

    public required string Name { get; init; }

    /// <summary>Backup's or restore's, see <see cref="Granary.Api.Names.ClusterRoleNames"/>.</summary>
    public required string ClusterRole { get; init; }

    /// <summary>Value of the component label of everything that is made for the Job.</summary>
    public required string Component { get; init; }

    public required ObjectReference Repository { get; init; }

    public required TargetRef Target { get; init; }

    public required TaskChooser Choose { get; init; }

    public required RuntimeSettings? RuntimeSettings { get; init; }

    public required EmptyDirSettings? TempDir { get; init; }

    public required PersistentVolumeClaimTemplate? InterimVolume { get; init; }
}
