using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>A custom resource with metadata only.</summary>
/// <remarks>
/// Nothing sets <c>apiVersion</c> and <c>kind</c> at run time: the source generator's constructor does.
/// </remarks>
public abstract class CustomKubernetesEntity : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The object's metadata; never null on a fresh object.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();
}

/// <summary>A custom resource with a specification.</summary>
public abstract class CustomKubernetesEntity<TSpec> : CustomKubernetesEntity, ISpec<TSpec>
    where TSpec : new()
{
    /// <summary>What the user wishes.</summary>
    public TSpec Spec { get; set; } = new();
}

/// <summary>A custom resource with a specification and the status sub-resource.</summary>
public abstract class CustomKubernetesEntity<TSpec, TStatus> : CustomKubernetesEntity<TSpec>, IStatus<TStatus>
    where TSpec : new()
    where TStatus : new()
{
    /// <summary>
    /// What was observed. Never null on a fresh object, so every PUT sends at least <c>status: {}</c>.
    /// </summary>
    public TStatus Status { get; set; } = new();
}
