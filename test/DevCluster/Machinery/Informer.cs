using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Granary.DevCluster.Machinery;

/// <summary>A local copy of a resource, kept current by list and watch.</summary>
/// <remarks>
/// Callers hand in what their own writes returned (<see cref="Absorb"/>, <see cref="Forget"/>), so that a reconcile
/// never acts on a copy that lacks its previous step.
/// </remarks>
public sealed class Informer<T>(
    ResourceClient client,
    ResourceType type,
    ILogger log,
    string? fieldSelector = null,
    bool metadataOnly = false
)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private const int Remembered = 4096;

    private readonly ConcurrentDictionary<(string Namespace, string Name), T> _items = new();
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly Queue<string> _goneOrder = new();
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Action<T?, T?>> _handlers = [];
    private string _version = "";

    /// <summary>
    /// Calls <paramref name="handler"/> after the copy changed, with the former and the present object (null when there
    /// was or is none).
    /// </summary>
    public void OnChange(Action<T?, T?> handler) => _handlers.Add(handler);

    public ICollection<T> Items => _items.Values;

    /// <summary>Completes after the first list.</summary>
    public Task Synced => _synced.Task;

    public T? Find(string? ns, string name) => _items.GetValueOrDefault((ns ?? "", name));

    public IEnumerable<T> InNamespace(string ns) => _items.Values.Where(item => item.Metadata.NamespaceProperty == ns);

    /// <summary>Takes over an object that a write returned, unless the copy is newer.</summary>
    public void Absorb(T item) => Put(item);

    /// <summary>Drops an object that was just deleted for good; late news of it is ignored.</summary>
    public void Forget(T item) => Remove(item);

    public async Task RunAsync(CancellationToken ct)
    {
        var delay = TimeSpan.FromMilliseconds(100);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (_version.Length == 0)
                {
                    await ListAsync(ct);
                }

                await WatchAsync(ct);
                delay = TimeSpan.FromMilliseconds(100);
            }
            catch (ApiRequestException e) when (e.IsGone)
            {
                _version = "";
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                log.LogDebug(e, "watch of {Resource} broke", type);
                await Task.Delay(delay, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, TimeSpan.FromSeconds(5).Ticks));
                if (e is ApiRequestException)
                {
                    _version = "";
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Tell(T? former, T? present)
    {
        foreach (var handler in _handlers)
        {
            handler(former, present);
        }
    }

    private static ulong VersionOf(T item) =>
        ulong.TryParse(item.Metadata.ResourceVersion, CultureInfo.InvariantCulture, out var n) ? n : 0;

    private async Task ListAsync(CancellationToken ct)
    {
        var path = type.Path() + (fieldSelector is null ? "" : $"?fieldSelector={Uri.EscapeDataString(fieldSelector)}");
        var list = metadataOnly ? await client.ListMetadataAsync(path, ct) : await client.GetAsync(path, ct);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in list["items"] as JsonArray ?? [])
        {
            var item = KubernetesJson.Deserialize<T>(node!.ToJsonString());
            seen.Add(item.Metadata.Uid);
            Put(item);
        }

        _version = (string?)list["metadata"]?["resourceVersion"] ?? "";
        var listed = ulong.TryParse(_version, CultureInfo.InvariantCulture, out var number) ? number : ulong.MaxValue;

        // What was absorbed while the list was on its way is newer than the list, not gone.
        foreach (var item in _items.Values.Where(i => !seen.Contains(i.Metadata.Uid) && VersionOf(i) <= listed))
        {
            Remove(item);
        }

        _synced.TrySetResult();
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        var query =
            $"allowWatchBookmarks=true&timeoutSeconds=280&resourceVersion={_version}"
            + (fieldSelector is null ? "" : $"&fieldSelector={Uri.EscapeDataString(fieldSelector)}");
        await foreach (
            var line in client.WatchAsync(
                type.Path(),
                query,
                metadataOnly ? ResourceClient.MetadataOnly : "application/json",
                ct
            )
        )
        {
            _version = (string?)line.Object["metadata"]?["resourceVersion"] ?? _version;
            if (line.Type == "BOOKMARK")
            {
                continue;
            }

            var item = KubernetesJson.Deserialize<T>(line.Object.ToJsonString());
            if (line.Type == "DELETED")
            {
                Remove(item);
            }
            else
            {
                Put(item);
            }
        }
    }

    // A uid never comes back, so remembering it is safe; the last few thousand cover every answer that is still on its
    // way.
    private void Bury(string uid)
    {
        if (_gone.Add(uid))
        {
            _goneOrder.Enqueue(uid);
            if (_goneOrder.Count > Remembered)
            {
                _gone.Remove(_goneOrder.Dequeue());
            }
        }
    }

    private void Put(T item)
    {
        T? former;
        lock (_lock)
        {
            // The answer to a write may come after the news of the deletion that it led to.
            if (_gone.Contains(item.Metadata.Uid))
            {
                return;
            }

            var key = (item.Metadata.NamespaceProperty ?? "", item.Metadata.Name);
            former = _items.GetValueOrDefault(key);
            if (former is not null && VersionOf(former) >= VersionOf(item))
            {
                return;
            }

            _items[key] = item;
        }

        Tell(former, item);
    }

    private void Remove(T item)
    {
        T? former;
        lock (_lock)
        {
            Bury(item.Metadata.Uid);
            var key = (item.Metadata.NamespaceProperty ?? "", item.Metadata.Name);
            former = _items.GetValueOrDefault(key);
            if (former is null || former.Metadata.Uid != item.Metadata.Uid)
            {
                return;
            }

            _items.TryRemove(key, out _);
        }

        Tell(former, null);
    }
}
