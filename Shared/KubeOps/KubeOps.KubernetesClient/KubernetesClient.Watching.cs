using System.Net;
using System.Runtime.CompilerServices;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Entities;

namespace KubeOps.KubernetesClient;

/// <summary>Lists that can be watched from, and watches.</summary>
public partial class KubernetesClient
{
    /// <inheritdoc />
    public Watcher<TEntity> Watch<TEntity>(
        Action<WatchEventType, TEntity> onEvent,
        Action<Exception>? onError = null,
        Action? onClose = null,
        string? @namespace = null,
        TimeSpan? timeout = null,
        bool? allowWatchBookmarks = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var request = new WatchRequest(
            @namespace,
            resourceVersion,
            labelSelector,
            fieldSelector,
            allowWatchBookmarks,
            timeout
        );
        CancellationTokenRegistration registration = default;
        var watcher = new Watcher<TEntity>(
            async () =>
            {
                var response = await WatchStream.OpenAsync(
                    OfficialClient(),
                    ResourceIdentity.Of<TEntity>(),
                    request,
                    cancellationToken
                );
                return new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            },
            onEvent,
            onError,
            () =>
            {
                registration.Dispose();
                onClose?.Invoke();
            }
        );
        registration = cancellationToken.Register(watcher.Dispose);
        return watcher;
    }

    /// <inheritdoc />
    public IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> WatchAsync<TEntity>(
        string? @namespace = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        bool? allowWatchBookmarks = null,
        CancellationToken cancellationToken = default
    )
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        ((IListWatchClient)this).WatchAsync<TEntity>(
            new WatchRequest(
                @namespace,
                resourceVersion,
                labelSelector,
                fieldSelector,
                allowWatchBookmarks,
                Timeout: null
            ),
            static () => { },
            cancellationToken
        );

    private async Task<EntityList<TEntity>> ListWithVersionAsync<TEntity>(
        string? @namespace,
        string? labelSelector,
        string? fieldSelector,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var identity = ResourceIdentity.Of<TEntity>();
        var (group, version, _, plural) = identity;
        var list = @namespace is not null
            ? await Body(
                Objects.ListNamespacedCustomObjectWithHttpMessagesAsync<EntityList<TEntity>>(
                    group,
                    version,
                    PathSegment.Namespace(@namespace),
                    plural,
                    fieldSelector: fieldSelector,
                    labelSelector: labelSelector,
                    cancellationToken: cancellationToken
                )
            )
            : await Body(
                Objects.ListClusterCustomObjectWithHttpMessagesAsync<EntityList<TEntity>>(
                    group,
                    version,
                    plural,
                    fieldSelector: fieldSelector,
                    labelSelector: labelSelector,
                    cancellationToken: cancellationToken
                )
            );

        foreach (var item in list.Items)
        {
            item.ApiVersion ??= identity.ApiVersion;
            item.Kind ??= identity.Kind;
        }

        return list;
    }
}
