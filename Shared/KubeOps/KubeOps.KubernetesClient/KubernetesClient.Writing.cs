using System.Net;
using System.Runtime.CompilerServices;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Entities;

namespace KubeOps.KubernetesClient;

/// <summary>Creates, changes and deletes.</summary>
public partial class KubernetesClient
{
    /// <inheritdoc />
    public Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (group, version, _, plural) = ResourceIdentity.Of<TEntity>();
        return entity.Namespace() is { } @namespace
            ? Body(
                Objects.CreateNamespacedCustomObjectWithHttpMessagesAsync<TEntity>(
                    entity,
                    group,
                    version,
                    PathSegment.Namespace(@namespace),
                    plural,
                    cancellationToken: cancellationToken
                )
            )
            : Body(
                Objects.CreateClusterCustomObjectWithHttpMessagesAsync<TEntity>(
                    entity,
                    group,
                    version,
                    plural,
                    cancellationToken: cancellationToken
                )
            );
    }

    /// <inheritdoc />
    public Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (group, version, _, plural) = ResourceIdentity.Of<TEntity>();
        return entity.Namespace() is { } @namespace
            ? Body(
                Objects.ReplaceNamespacedCustomObjectWithHttpMessagesAsync<TEntity>(
                    entity,
                    group,
                    version,
                    PathSegment.Namespace(@namespace),
                    plural,
                    PathSegment.Name(entity.Name()),
                    cancellationToken: cancellationToken
                )
            )
            : Body(
                Objects.ReplaceClusterCustomObjectWithHttpMessagesAsync<TEntity>(
                    entity,
                    group,
                    version,
                    plural,
                    PathSegment.Name(entity.Name()),
                    cancellationToken: cancellationToken
                )
            );
    }

    /// <inheritdoc />
    public Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (group, version, _, plural) = ResourceIdentity.Of<TEntity>();
        return entity.Namespace() is { } @namespace
            ? Body(
                Objects.ReplaceNamespacedCustomObjectStatusWithHttpMessagesAsync<TEntity>(
                    entity,
                    group,
                    version,
                    PathSegment.Namespace(@namespace),
                    plural,
                    PathSegment.Name(entity.Name()),
                    cancellationToken: cancellationToken
                )
            )
            : Body(
                Objects.ReplaceClusterCustomObjectStatusWithHttpMessagesAsync<TEntity>(
                    entity,
                    group,
                    version,
                    plural,
                    PathSegment.Name(entity.Name()),
                    cancellationToken: cancellationToken
                )
            );
    }

    /// <inheritdoc />
    public TEntity UpdateStatus<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        UpdateStatusAsync(entity, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc />
    public Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch,
        string name,
        string? @namespace = null,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var (group, version, _, plural) = ResourceIdentity.Of<TEntity>();
        return @namespace is not null
            ? Body(
                Objects.PatchNamespacedCustomObjectWithHttpMessagesAsync<TEntity>(
                    patch,
                    group,
                    version,
                    PathSegment.Namespace(@namespace),
                    plural,
                    PathSegment.Name(name),
                    dryRun,
                    fieldManager,
                    force: force,
                    cancellationToken: cancellationToken
                )
            )
            : Body(
                Objects.PatchClusterCustomObjectWithHttpMessagesAsync<TEntity>(
                    patch,
                    group,
                    version,
                    plural,
                    PathSegment.Name(name),
                    dryRun,
                    fieldManager,
                    force: force,
                    cancellationToken: cancellationToken
                )
            );
    }

    /// <inheritdoc />
    public async Task DeleteAsync<TEntity>(
        string name,
        string? @namespace = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        if (!PathSegment.CanExist(name, @namespace))
        {
            return;
        }

        var (group, version, _, plural) = ResourceIdentity.Of<TEntity>();

        // Without a policy the server's default for batch/v1 Jobs leaves their Pods behind.
        var options = new V1DeleteOptions { PropagationPolicy = BackgroundPropagation };
        try
        {
            using var response = @namespace is not null
                ? await Objects.DeleteNamespacedCustomObjectWithHttpMessagesAsync<object>(
                    group,
                    version,
                    PathSegment.Namespace(@namespace),
                    plural,
                    PathSegment.Name(name),
                    options,
                    cancellationToken: cancellationToken
                )
                : await Objects.DeleteClusterCustomObjectWithHttpMessagesAsync<object>(
                    group,
                    version,
                    plural,
                    PathSegment.Name(name),
                    options,
                    cancellationToken: cancellationToken
                );
        }
        catch (HttpOperationException e) when (e.Response?.StatusCode == HttpStatusCode.NotFound)
        {
            // Gone already, which is what was asked for.
        }
    }
}
