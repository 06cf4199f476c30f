using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;

namespace KubeOps.KubernetesClient;

/// <summary>What a watcher needs beyond <see cref="IKubernetesClient" /> to follow a resource without gaps.</summary>
internal interface IListWatchClient
{
    /// <summary>Lists with the list's own resourceVersion, where a watch without a gap continues.</summary>
    Task<EntityList<TEntity>> ListWithVersionAsync<TEntity>(
        string? @namespace,
        string? labelSelector,
        string? fieldSelector,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Watches with bookmarks, and asks the server to end the stream after a while.</summary>
    /// <param name="request">What to watch, and from where.</param>
    /// <param name="onConnected">Called once the server has accepted the watch.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> WatchAsync<TEntity>(
        WatchRequest request,
        Action onConnected,
        CancellationToken cancellationToken
    )
        where TEntity : IKubernetesObject<V1ObjectMeta>;
}

/// <summary>The query of a watch.</summary>
internal sealed record WatchRequest(
    string? Namespace,
    string? ResourceVersion,
    string? LabelSelector,
    string? FieldSelector,
    bool? Bookmarks,
    TimeSpan? Timeout
);
