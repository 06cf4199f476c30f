using Granary.Api.Common;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Cluster;
using Granary.Operator.Tasks;
using k8s;
using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>What the Job of one target is made from.</summary>
internal sealed record SessionJobRequest
{
    /// <summary>BackupSession or RestoreSession; the Job goes with it.</summary>
    public required IKubernetesObject<V1ObjectMeta> Owner { get; init; }

    public required string Name { get; init; }

    public required IDictionary<string, string> Labels { get; init; }

    public required string ServiceAccount { get; init; }

    public required ResolvedTask Task { get; init; }

    public required JobSurroundings Surroundings { get; init; }

    public RuntimeSettings? RuntimeSettings { get; init; }

    public EmptyDirSettings? TempDir { get; init; }

    /// <summary>Name of the claim for interim data; null without one.</summary>
    public string? InterimClaim { get; init; }
}

/// <summary>
/// The Job that backs up or restores one target: an init container for each step, the last step as the main one.
/// </summary>
/// <remarks>
/// Source: stash-behaviour §2.6; what containers find around them is promised in docs/architecture.md.
/// </remarks>
internal static class SessionJob
{
    public static V1Job Build(SessionJobRequest request)
    {
        var mounts = PodVolumes.For(request);
        var containers = request.Task.Steps.Select(step => Container(step, request, mounts)).ToList();
        foreach (var init in containers.SkipLast(1))
        {
            PodTemplate.MakeInit(init);
        }

        return new V1Job
        {
            ApiVersion = $"{V1Job.KubeGroup}/{V1Job.KubeApiVersion}",
            Kind = V1Job.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = request.Name,
                NamespaceProperty = request.Owner.Metadata.NamespaceProperty,
                Labels = request.Labels,
                OwnerReferences = [Ownership.ControlledBy(request.Owner)],
            },
            Spec = new V1JobSpec
            {
                // A second pod would find the first one's lock and half of its work; a retry is a new session.
                BackoffLimit = 0,
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta
                    {
                        Labels = PodTemplate.Labels(request.Labels, request.RuntimeSettings?.Pod),
                        Annotations = request.RuntimeSettings?.Pod?.PodAnnotations,
                    },
                    Spec = PodTemplate.Apply(
                        new V1PodSpec
                        {
                            RestartPolicy = "Never",
                            ServiceAccountName = request.ServiceAccount,
                            InitContainers = containers.Count > 1 ? containers[..^1] : null,
                            Containers = containers[^1..],
                            Volumes = mounts.Volumes,
                        },
                        request.RuntimeSettings?.Pod,
                        request.Surroundings.Options
                    ),
                },
            },
        };
    }

    private static V1Container Container(ResolvedStep step, SessionJobRequest request, PodVolumes volumes)
    {
        var function = step.Function;
        var container = new V1Container
        {
            Name = step.Name,
            Image = function.Image,
            Command = function.Command,
            Args = function.Args,
            WorkingDir = function.WorkingDir,
            Ports = function.Ports,
            VolumeDevices = function.VolumeDevices,
            VolumeMounts = Mounts(function.VolumeMounts, volumes.Mounts),
            ImagePullPolicy = request.Surroundings.Options.ImagePullPolicy,
            SecurityContext = PodTemplate.Unprivileged(),
            // The last words of a container that dies without a report become the session's error.
            TerminationMessagePolicy = "FallbackToLogsOnError",
            Env = [.. DownwardApi.Variables(), .. volumes.Variables],
        };
        PodTemplate.Apply(container, function.RuntimeSettings);
        return PodTemplate.Apply(container, request.RuntimeSettings?.Container);
    }

    /// <summary>A Function's own mount wins where both ask for the same place.</summary>
    private static List<V1VolumeMount> Mounts(List<V1VolumeMount>? own, IReadOnlyList<V1VolumeMount> common) =>
        [.. own ?? [], .. common.Where(mount => own?.Exists(known => known.MountPath == mount.MountPath) != true)];
}
