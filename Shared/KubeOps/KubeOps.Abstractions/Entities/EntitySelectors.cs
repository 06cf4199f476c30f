using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>Chooses by label what a controller watches. A singleton, asked at every connect.</summary>
public interface IEntityLabelSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The label selector expression, or null for everything.</summary>
    ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken);
}

/// <summary>Chooses by field what a controller watches. A singleton, asked at every connect.</summary>
public interface IEntityFieldSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The field selector expression, or null for everything.</summary>
    ValueTask<string?> GetFieldSelectorAsync(CancellationToken cancellationToken);
}

/// <summary>Selects everything.</summary>
public sealed class DefaultEntityLabelSelector<TEntity> : IEntityLabelSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc />
    public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new((string?)null);
}

/// <summary>Selects everything.</summary>
public sealed class DefaultEntityFieldSelector<TEntity> : IEntityFieldSelector<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc />
    public ValueTask<string?> GetFieldSelectorAsync(CancellationToken cancellationToken) => new((string?)null);
}
