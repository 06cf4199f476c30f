using Granary.Api.Common;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Stash.V1Beta1;

/// <summary>Functions that do a backup or a restore, one after the other.</summary>
[KubernetesEntity(Group = "stash.appscode.com", ApiVersion = "v1beta1", Kind = "Task", PluralName = "tasks")]
[KubernetesEntityShortNames("task")]
[EntityScope(EntityScope.Cluster)]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public partial class Task : CustomKubernetesEntity<TaskSpec> { }

/// <summary>Steps and the volumes they share. Any string may hold <c>${…}</c> variables.</summary>
public sealed class TaskSpec
{
    /// <summary>The steps in the order they run.</summary>
    public List<FunctionRef>? Steps { get; set; }

    /// <summary>Volumes of the pod, for the Functions' mounts.</summary>
    public List<V1Volume>? Volumes { get; set; }
}

/// <summary>Names a Function and gives it parameters.</summary>
public sealed class FunctionRef
{
    /// <summary>Name of the Function.</summary>
    public string? Name { get; set; }

    /// <summary>Parameters for the Function; what the invoker gives wins over these.</summary>
    public List<Param>? Params { get; set; }
}
