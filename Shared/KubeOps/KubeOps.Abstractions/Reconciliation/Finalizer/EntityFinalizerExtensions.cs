using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;

namespace KubeOps.Abstractions.Reconciliation.Finalizer;

/// <summary>Names of finalizers.</summary>
public static class EntityFinalizerExtensions
{
    private const int MaximalLength = 63;
    private const string Suffix = "finalizer";

    /// <summary>The identifier that stands in <c>metadata.finalizers</c>.</summary>
    /// <remarks>
    /// Shape: <c>group/</c> and the lower-cased class name, which ends in <c>finalizer</c>, cut to 63 characters.
    /// The source generator computes the same text.
    /// </remarks>
    public static string GetIdentifierName<TEntity>(this IEntityFinalizer<TEntity> finalizer, TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var name = finalizer.GetType().Name.ToLowerInvariant();
        if (!name.EndsWith(Suffix, StringComparison.Ordinal))
        {
            name += Suffix;
        }

        var group = entity.GetKubernetesEntityAttribute()?.Group;
        var identifier = string.IsNullOrEmpty(group) ? name : $"{group}/{name}";
        return identifier.Length > MaximalLength ? identifier[..MaximalLength] : identifier;
    }
}
