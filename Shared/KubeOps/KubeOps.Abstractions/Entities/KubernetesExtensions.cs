using System.Reflection;
using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>References between objects.</summary>
public static class KubernetesExtensions
{
    /// <summary>Sets the resourceVersion and returns the receiver.</summary>
    public static TEntity WithResourceVersion<TEntity>(this TEntity entity, string resourceVersion)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        entity.EnsureMetadata().ResourceVersion = resourceVersion;
        return entity;
    }

    /// <summary>Takes over the resourceVersion of another object and returns the receiver.</summary>
    public static TEntity WithResourceVersion<TEntity>(this TEntity entity, TEntity other)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        entity.EnsureMetadata().ResourceVersion = other.ResourceVersion();
        return entity;
    }

    /// <summary>Appends an owner reference and returns the receiver.</summary>
    public static TEntity WithOwnerReference<TEntity>(this TEntity entity, IKubernetesObject<V1ObjectMeta> owner)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var metadata = entity.EnsureMetadata();
        metadata.OwnerReferences = [.. metadata.OwnerReferences ?? [], owner.MakeOwnerReference()];
        return entity;
    }

    /// <summary>A reference with apiVersion, kind, name, namespace, resourceVersion and uid.</summary>
    public static V1ObjectReference MakeObjectReference(this IKubernetesObject<V1ObjectMeta> entity) =>
        new()
        {
            ApiVersion = entity.ApiVersion,
            Kind = entity.Kind,
            Name = entity.Metadata?.Name,
            NamespaceProperty = entity.Metadata?.NamespaceProperty,
            ResourceVersion = entity.Metadata?.ResourceVersion,
            Uid = entity.Metadata?.Uid,
        };

    /// <summary>An owner reference with apiVersion, kind, name and uid.</summary>
    /// <remarks><c>controller</c> and <c>blockOwnerDeletion</c> stay null.</remarks>
    public static V1OwnerReference MakeOwnerReference(this IKubernetesObject<V1ObjectMeta> entity) =>
        new()
        {
            ApiVersion = entity.ApiVersion,
            Kind = entity.Kind,
            Name = entity.Metadata?.Name,
            Uid = entity.Metadata?.Uid,
        };

    /// <summary>The attribute on the object's own class (not on a base class), or null.</summary>
    public static KubernetesEntityAttribute? GetKubernetesEntityAttribute(
        this IKubernetesObject<V1ObjectMeta> entity
    ) => entity.GetType().GetCustomAttribute<KubernetesEntityAttribute>(inherit: false);
}
