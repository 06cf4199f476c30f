using Granary.Api.Common;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Stash.V1Beta1;

/// <summary>Template of one container of a Job. Any string may hold <c>${…}</c> variables.</summary>
[KubernetesEntity(Group = "stash.appscode.com", ApiVersion = "v1beta1", Kind = "Function", PluralName = "functions")]
[KubernetesEntityShortNames("fn")]
[EntityScope(EntityScope.Cluster)]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class Function : CustomKubernetesEntity<FunctionSpec> { }

/// <summary>Template of a container.</summary>
public sealed class FunctionSpec
{
    /// <summary>Image of the container.</summary>
    public string? Image { get; set; }

    /// <summary>Entry point; the image's own when absent.</summary>
    public List<string>? Command { get; set; }

    /// <summary>Arguments of the entry point.</summary>
    public List<string>? Args { get; set; }

    /// <summary>Working directory.</summary>
    public string? WorkingDir { get; set; }

    /// <summary>Ports of the container.</summary>
    public List<V1ContainerPort>? Ports { get; set; }

    /// <summary>Mounts of the Task's volumes.</summary>
    public List<V1VolumeMount>? VolumeMounts { get; set; }

    /// <summary>Block devices of the container.</summary>
    public List<V1VolumeDevice>? VolumeDevices { get; set; }

    /// <summary>Further settings of the container.</summary>
    public ContainerRuntimeSettings? RuntimeSettings { get; set; }

    /// <summary>Accepted for old clusters; not used.</summary>
    public string? PodSecurityPolicyName { get; set; }
}
