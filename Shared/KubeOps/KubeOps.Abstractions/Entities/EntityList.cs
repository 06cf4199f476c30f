using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>The list form of a resource, as the API server answers it.</summary>
public class EntityList<T> : KubernetesObject
    where T : IKubernetesObject
{
    /// <summary>List metadata; its resourceVersion is where a watch continues.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects. The API server may leave out <c>apiVersion</c> and <c>kind</c> on them.</summary>
    public IList<T> Items { get; set; } = [];
}
