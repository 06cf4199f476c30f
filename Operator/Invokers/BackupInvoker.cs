using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Cluster;
using k8s;
using k8s.Models;

namespace Granary.Operator.Invokers;

/// <summary>What a BackupConfiguration or a BackupBatch asks for, in one shape, with every default filled in.</summary>
internal sealed record BackupInvoker
{
    /// <summary>The custom resource itself: owner of all that is made for it.</summary>
    public required IKubernetesObject<V1ObjectMeta> Owner { get; init; }

    public required ObjectReference Repository { get; init; }

    public required IReadOnlyList<BackupMember> Members { get; init; }

    public required RetentionPolicy Retention { get; init; }

    public required string Driver { get; init; }

    public required string Schedule { get; init; }

    public required bool IsPaused { get; init; }

    public required int HistoryLimit { get; init; }

    public required string? TimeOut { get; init; }

    /// <summary>For the pods of the trigger CronJob.</summary>
    public required RuntimeSettings? TriggerSettings { get; init; }

    /// <summary>Whether a member waits for the ones before it.</summary>
    public bool IsSequential { get; init; }

    public required string? Phase { get; init; }

    /// <summary>Whether the phase speaks of the specification as it is now.</summary>
    public required bool IsObserved { get; init; }

    public string Kind => Owner.Kind;

    public string Name => Owner.Metadata.Name;

    public string Namespace => Owner.Metadata.NamespaceProperty;

    /// <summary>Where the Repository and its storage Secret are.</summary>
    public string RepositoryNamespace => Repository.Namespace is { Length: > 0 } other ? other : Namespace;

    /// <summary>
    /// Whether the Repository is another namespace's: what is done to it behind a backup is done there.
    /// </summary>
    public bool UsesForeignRepository => RepositoryNamespace != Namespace;

    public static BackupInvoker Of(BackupConfiguration configuration)
    {
        var spec = configuration.Spec;
        return new BackupInvoker
        {
            Owner = configuration,
            Repository = spec.Repository ?? new ObjectReference(),
            Members =
            [
                new BackupMember(
                    0,
                    Targets.Qualified(spec.Target?.Ref, configuration.Metadata.NamespaceProperty),
                    spec
                ),
            ],
            Retention = spec.RetentionPolicy,
            Driver = spec.Driver is { Length: > 0 } driver ? driver : Drivers.Restic,
            Schedule = spec.Schedule ?? "",
            IsPaused = spec.Paused,
            HistoryLimit = spec.BackupHistoryLimit ?? 1,
            TimeOut = spec.TimeOut,
            TriggerSettings = spec.RuntimeSettings,
            Phase = configuration.Status.Phase,
            IsObserved = configuration.Status.ObservedGeneration == configuration.Metadata.Generation,
        };
    }
}

/// <summary>One target of an invoker.</summary>
/// <param name="Index">Its place in the list; part of the names of what is made for it.</param>
/// <param name="Target">The target with its namespace filled in.</param>
/// <param name="Template">Task, settings and hooks for it.</param>
internal sealed record BackupMember(int Index, TargetRef Target, BackupTemplate Template)
{
    /// <summary>The host under which its snapshots are stored.</summary>
    public string Hostname => Template.Target?.Alias is { Length: > 0 } alias ? alias : PodNames.DefaultHost;
}
