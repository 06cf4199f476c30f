using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.KubernetesClient;

namespace KubeOps.Operator.Watcher;

/// <summary>Lists and watches what one controller is to see: its resource, its namespace, its selectors.</summary>
internal sealed class ResourceStream<TEntity>(
    IKubernetesClient client,
    string? @namespace,
    IEntityLabelSelector<TEntity>? labels,
    IEntityFieldSelector<TEntity>? fields
)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan AskedDuration = TimeSpan.FromMinutes(4);

    /// <summary>When a request for a stream that the server has not answered is given up.</summary>
    public static TimeSpan ConnectPatience { get; } = TimeSpan.FromSeconds(30);

    /// <summary>When a stream that the server has not ended is given up.</summary>
    public static TimeSpan Patience => AskedDuration + TimeSpan.FromSeconds(30);

    /// <summary>Everything that exists, with the version to watch from.</summary>
    public async Task<EntityList<TEntity>> ListAsync(CancellationToken cancellationToken)
    {
        var (label, field) = await SelectorsAsync(cancellationToken);
        if (client is IListWatchClient precise)
        {
            return await precise.ListWithVersionAsync<TEntity>(@namespace, label, field, cancellationToken);
        }

        // A client of the user cannot tell the list's version; the watch then replays everything, which is skipped as
        // known.
        return new EntityList<TEntity>
        {
            Items = await client.ListAsync<TEntity>(@namespace, label, field, cancellationToken),
        };
    }

    /// <summary>Changes from a version on.</summary>
    public async IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> WatchAsync(
        string? resourceVersion,
        Action onConnected,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (label, field) = await SelectorsAsync(cancellationToken);
        IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> events;
        if (client is IListWatchClient precise)
        {
            var request = new WatchRequest(@namespace, resourceVersion, label, field, Bookmarks: true, AskedDuration);
            events = precise.WatchAsync<TEntity>(request, onConnected, cancellationToken);
        }
        else
        {
            // A client of the user does not tell when it is connected.
            onConnected();
            events = client.WatchAsync<TEntity>(
                @namespace,
                resourceVersion,
                label,
                field,
                allowWatchBookmarks: true,
                cancellationToken: cancellationToken
            );
        }

        await foreach (var item in events.WithCancellation(cancellationToken))
        {
            yield return item;
        }
    }

    private async Task<(string? Label, string? Field)> SelectorsAsync(CancellationToken cancellationToken) =>
        (
            labels is null ? null : await labels.GetLabelSelectorAsync(cancellationToken),
            fields is null ? null : await fields.GetFieldSelectorAsync(cancellationToken)
        );
}
