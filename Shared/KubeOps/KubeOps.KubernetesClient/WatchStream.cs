using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace KubeOps.KubernetesClient;

/// <summary>Opens and reads watch streams: one JSON document per line.</summary>
/// <remarks>
/// The official client's own watch needs the first event before it returns and takes a clean end for an error; a watch
/// that starts at a resourceVersion may be silent for minutes.
/// </remarks>
internal static class WatchStream
{
    /// <summary>Sends the request and returns once the server has accepted it.</summary>
    /// <exception cref="HttpOperationException">The server refused, e.g. with 410 Gone.</exception>
    public static async Task<HttpResponseMessage> OpenAsync(
        Kubernetes client,
        ResourceIdentity resource,
        WatchRequest watch,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(client.BaseUri, PathAndQuery(resource, watch))
        )
        {
            Version = HttpVersion.Version20,
        };
        if (client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        var response = await client.HttpClient.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken
        );
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var content = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new HttpOperationException($"The watch of {resource.Plural} was refused with '{response.StatusCode}'")
            {
                Request = new HttpRequestMessageWrapper(request, string.Empty),
                Response = new HttpResponseMessageWrapper(response, content),
            };
        }
    }

    /// <summary>Reads events until the server ends the stream.</summary>
    /// <exception cref="KubernetesException">The server sent a status instead of an object.</exception>
    public static async IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> ReadAsync<TEntity>(
        HttpResponseMessage response,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                yield return Parse<TEntity>(line);
            }
        }
    }

    private static (WatchEventType Type, TEntity Entity) Parse<TEntity>(string line)
    {
        using var document = JsonDocument.Parse(line);
        var type = document.RootElement.GetProperty("type").GetString();
        var content = document.RootElement.GetProperty("object");
        return type switch
        {
            "ADDED" => (WatchEventType.Added, KubernetesJson.Deserialize<TEntity>(content)),
            "MODIFIED" => (WatchEventType.Modified, KubernetesJson.Deserialize<TEntity>(content)),
            "DELETED" => (WatchEventType.Deleted, KubernetesJson.Deserialize<TEntity>(content)),
            "BOOKMARK" => (WatchEventType.Bookmark, KubernetesJson.Deserialize<TEntity>(content)),
            "ERROR" => throw new KubernetesException(KubernetesJson.Deserialize<V1Status>(content)),
            _ => throw new KubernetesException($"The watch stream holds an event of the unknown type '{type}'."),
        };
    }

    private static string PathAndQuery(ResourceIdentity resource, WatchRequest watch)
    {
        var query = new List<string> { "watch=true" };
        Add("resourceVersion", watch.ResourceVersion);
        Add("labelSelector", watch.LabelSelector);
        Add("fieldSelector", watch.FieldSelector);
        Add(
            "allowWatchBookmarks",
            watch.Bookmarks is null ? null
                : watch.Bookmarks.Value ? "true"
                : "false"
        );
        Add("timeoutSeconds", watch.Timeout is null ? null : $"{Math.Max(1, (long)watch.Timeout.Value.TotalSeconds)}");
        return $"{resource.CollectionPath(watch.Namespace)}?{string.Join('&', query)}";

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }
    }
}
