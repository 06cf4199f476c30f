using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator.Health;
using KubeOps.Operator.Metrics;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Watcher;

/// <summary>
/// Follows one resource for one controller: lists, watches, and turns what matters into queue entries.
/// </summary>
/// <remarks>
/// The loop continues where the last event or bookmark was. When the server says that this is too old (410 Gone), it
/// lists again and compares, so that what was deleted meanwhile still reaches the controller. A silent stream is given
/// up after the time in which the server must have ended it.
/// </remarks>
internal sealed class EntityWatcher<TEntity>(
    ResourceStream<TEntity> stream,
    KnownObjects<TEntity> known,
    Func<TEntity, ReconciliationType, Task> onChange,
    WatcherContext context
)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private const int LargestExponent = 5;
    private const int StatusGone = 410;
    private static readonly TimeSpan TooShortToBeSound = TimeSpan.FromSeconds(1);
    private static readonly string EntityName = typeof(TEntity).Name;

    private string? _resourceVersion;

    /// <summary>Follows the resource until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // A new term: what happened in between is found out by a list.
        _resourceVersion = null;
        known.ForgetReconciliations();
        context.Liveness.Started(context.Name);
        var failures = 0;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var delay = await FollowAsync(failures, cancellationToken);
                failures = delay == TimeSpan.Zero ? 0 : failures + 1;
                context.Liveness.Disconnected(context.Name);
                context.Metrics?.Reconnected(EntityName);
                if (delay > TimeSpan.Zero)
                {
                    await Task.Delay(delay, context.Time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        finally
        {
            context.Liveness.Stopped(context.Name);
        }
    }

    /// <summary>One list (when needed) and one watch; answers how long to wait before the next.</summary>
    private async Task<TimeSpan> FollowAsync(int failures, CancellationToken cancellationToken)
    {
        var started = context.Time.GetTimestamp();
        try
        {
            if (_resourceVersion is null)
            {
                await ListAsync(cancellationToken);
            }

            context.Logger.Watching(EntityName, _resourceVersion);
            await WatchAsync(cancellationToken);

            // A server that ends every stream at once is not asked again at once.
            return context.Time.GetElapsedTime(started) < TooShortToBeSound ? TooShortToBeSound : TimeSpan.Zero;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (IsGone(e))
        {
            context.Logger.WatchExpired(EntityName);
            _resourceVersion = null;
            return failures == 0 ? TimeSpan.FromMilliseconds(1) : Backoff(failures);
        }
        catch (Exception e)
        {
            var delay = Backoff(failures + 1);
            context.Logger.WatchFailed(e, EntityName, delay);
            return delay;
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var list = await stream.ListAsync(cancellationToken);
        context.Liveness.Contact(context.Name);
        var gone = known.RemoveMissing(list.Items);
        context.Logger.Listed(list.Items.Count, EntityName, gone.Count);
        foreach (var entity in gone)
        {
            await onChange(entity, ReconciliationType.Deleted);
        }

        foreach (var entity in list.Items)
        {
            await ObserveAsync(entity);
        }

        _resourceVersion = list.Metadata?.ResourceVersion;
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        // The server answers soon, and ends the stream after the time that it was asked for. If it does not, the
        // connection is dead, and nothing else would tell.
        using var deadline = new CancellationTokenSource(ResourceStream<TEntity>.ConnectPatience, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await foreach (var (type, entity) in stream.WatchAsync(_resourceVersion, OnConnected, either.Token))
            {
                context.Liveness.Contact(context.Name);
                await TakeInAsync(type, entity);
            }
        }
        catch (Exception e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The watch stream did not end in time; its connection is taken for dead.", e);
        }

        void OnConnected()
        {
            context.Liveness.Contact(context.Name);
            deadline.CancelAfter(ResourceStream<TEntity>.Patience);
        }
    }

    private async Task TakeInAsync(WatchEventType type, TEntity entity)
    {
        context.Metrics?.WatchEvent(EntityName, type);
        switch (type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                await ObserveAsync(entity);
                break;
            case WatchEventType.Deleted:
                known.Remove(entity);
                await onChange(entity, ReconciliationType.Deleted);
                break;
            case WatchEventType.Bookmark:
                break;
            default:
                throw new InvalidOperationException($"The watch of {EntityName} delivered an event of type {type}.");
        }

        _resourceVersion = entity.ResourceVersion() ?? _resourceVersion;
    }

    private async Task ObserveAsync(TEntity entity)
    {
        if (known.Observe(entity) is { } type)
        {
            await onChange(entity, type);
        }
        else
        {
            context.Logger.ChangeSkipped($"{EntityName} {entity.Namespace()}/{entity.Name()}");
        }
    }

    private TimeSpan Backoff(int failures) =>
        TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, LargestExponent)) + context.Random.NextDouble());

    private static bool IsGone(Exception error) =>
        error switch
        {
            KubernetesException { Status: { } status } => status.Code == StatusGone
                || status.Reason is "Expired" or "Gone",
            HttpOperationException http => http.Response?.StatusCode == HttpStatusCode.Gone,
            _ => false,
        };
}

/// <summary>What all watchers share.</summary>
internal sealed record WatcherContext(
    string Name,
    WatchLiveness Liveness,
    OperatorMetrics? Metrics,
    TimeProvider Time,
    Random Random,
    ILogger Logger
);
