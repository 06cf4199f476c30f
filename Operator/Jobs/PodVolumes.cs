using System.Globalization;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>The volumes of a session's pod, where every container mounts them, and the variables that say so.</summary>
/// <remarks>
/// Secrets of the invoker's namespace are mounted, so that the Job's account needs no right to read any. A Secret that
/// vanishes between check and start must not leave the pod waiting for ever: the mounts are optional, and the worker
/// says what it misses.
/// </remarks>
internal sealed record PodVolumes(
    IList<V1Volume> Volumes,
    IReadOnlyList<V1VolumeMount> Mounts,
    IReadOnlyList<V1EnvVar> Variables
)
{
    /// <summary>Readable by the pod's group, written 0440.</summary>
    private const int SecretMode = 288;

    public static PodVolumes For(SessionJobRequest request)
    {
        var found = new Collected(request.Task.Volumes);
        found.Add(Scratch(request.TempDir), PodNames.ScratchDir);
        if (request.InterimClaim is { } claim)
        {
            var source = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim };
            found.Add(
                new V1Volume { Name = PodNames.InterimVolume, PersistentVolumeClaim = source },
                PodNames.InterimDir
            );
        }

        AddStorage(request, found);
        AddDatabase(request, found);
        return new PodVolumes(found.Volumes, found.Mounts, found.Variables);
    }

    private static void AddStorage(SessionJobRequest request, Collected found)
    {
        var repository = request.Surroundings.Repository;
        var backend = repository.Spec.Backend;
        if (backend?.Local is { } local)
        {
            found.Add(local.ToVolume(PodNames.LocalBackendVolume), local.MountPath, readOnly: false, local.SubPath);
        }

        if (backend?.StorageSecretName is { Length: > 0 } secret && IsAtHome(request, repository.Metadata))
        {
            found.AddSecret(
                PodNames.StorageSecretVolume,
                secret,
                PodNames.StorageSecretDir,
                PodNames.StorageSecretDirVariable
            );
        }
    }

    private static void AddDatabase(SessionJobRequest request, Collected found)
    {
        if (request.Surroundings.AppBinding is not { } appBinding || !IsAtHome(request, appBinding.Metadata))
        {
            return;
        }

        if (appBinding.Spec.Secret?.Name is { Length: > 0 } secret)
        {
            found.AddSecret(
                PodNames.DatabaseSecretVolume,
                secret,
                PodNames.DatabaseSecretDir,
                PodNames.DatabaseSecretDirVariable
            );
        }

        if (appBinding.Spec.TlsSecret?.Name is { Length: > 0 } tls)
        {
            found.AddSecret(PodNames.TlsSecretVolume, tls, PodNames.TlsSecretDir, PodNames.TlsSecretDirVariable);
        }

        var sources = TransformSecrets(appBinding);
        foreach (var (index, name) in sources.Index())
        {
            var volume = string.Create(CultureInfo.InvariantCulture, $"{PodNames.TransformSecretVolume}-{index}");
            found.AddSecret(volume, name, $"{PodNames.TransformSecretsDir}/{name}", variable: null);
        }

        if (sources.Count > 0)
        {
            found.Variables.Add(
                new V1EnvVar { Name = PodNames.TransformSecretsDirVariable, Value = PodNames.TransformSecretsDir }
            );
        }
    }

    private static List<string> TransformSecrets(AppBinding appBinding) =>
        [
            .. (appBinding.Spec.SecretTransforms ?? [])
                .Select(transform => transform.AddKeysFrom?.SecretRef?.Name)
                .OfType<string>()
                .Where(name => name.Length > 0)
                .Distinct(),
        ];

    private static bool IsAtHome(SessionJobRequest request, V1ObjectMeta other) =>
        other.NamespaceProperty == request.Owner.Metadata.NamespaceProperty;

    private static V1Volume Scratch(EmptyDirSettings? settings) =>
        new()
        {
            Name = PodNames.ScratchVolume,
            EmptyDir = new V1EmptyDirVolumeSource
            {
                Medium = settings?.Medium is { Length: > 0 } medium ? medium : null,
                SizeLimit = settings?.SizeLimit,
            },
        };

    private sealed class Collected(IEnumerable<V1Volume> taskVolumes)
    {
        public List<V1Volume> Volumes { get; } = [.. taskVolumes];

        public List<V1VolumeMount> Mounts { get; } = [];

        public List<V1EnvVar> Variables { get; } = [];

        /// <summary>A volume of the Task with the same name stands: who names it so wants to replace it.</summary>
        public void Add(V1Volume volume, string mountPath, bool readOnly = false, string? subPath = null)
        {
            if (!Volumes.Exists(known => known.Name == volume.Name))
            {
                Volumes.Add(volume);
            }

            Mounts.Add(
                new V1VolumeMount
                {
                    Name = volume.Name,
                    MountPath = mountPath,
                    ReadOnlyProperty = readOnly ? true : null,
                    SubPath = subPath is { Length: > 0 } ? subPath : null,
                }
            );
        }

        public void AddSecret(string volume, string secret, string mountPath, string? variable)
        {
            var source = new V1SecretVolumeSource
            {
                SecretName = secret,
                DefaultMode = SecretMode,
                Optional = true,
            };
            Add(new V1Volume { Name = volume, Secret = source }, mountPath, readOnly: true);
            if (variable is not null)
            {
                Variables.Add(new V1EnvVar { Name = variable, Value = mountPath });
            }
        }
    }
}
