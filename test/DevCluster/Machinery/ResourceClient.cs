using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Machinery;

/// <summary>One line of a watch: its type and the object, still as JSON.</summary>
public readonly record struct WatchLine(string Type, JsonObject Object);

/// <summary>
/// Any resource by path, over the connection and credentials of a KubernetesClient. The generated client knows only the
/// built-in types and never asks for metadata alone; garbage collection needs both.
/// </summary>
public sealed class ResourceClient(IKubernetes client)
{
    /// <summary>
    /// The Accept header that asks for metadata only; servers that do not know it answer with whole objects.
    /// </summary>
    public const string MetadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

    private const string MetadataOnlyList =
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    private readonly Kubernetes _client = (Kubernetes)client;

    /// <summary>The typed client that this one borrows its connection from.</summary>
    public IKubernetes Client => _client;

    public async Task<JsonObject> GetAsync(string path, CancellationToken ct, string accept = "application/json") =>
        JsonNode.Parse(await SendAsync(HttpMethod.Get, path, null, null, accept, ct))!.AsObject();

    public async Task<T> GetAsync<T>(string path, CancellationToken ct) =>
        KubernetesJson.Deserialize<T>(await SendAsync(HttpMethod.Get, path, null, null, "application/json", ct));

    /// <summary>The object, or null when there is none of this name.</summary>
    public async Task<T?> FindAsync<T>(ResourceType type, string? ns, string name, CancellationToken ct)
        where T : class
    {
        try
        {
            return await GetAsync<T>(type.Path(ns, name), ct);
        }
        catch (ApiRequestException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public Task<JsonObject> ListMetadataAsync(string path, CancellationToken ct) =>
        GetAsync(path, ct, MetadataOnlyList);

    public async Task<T> CreateAsync<T>(ResourceType type, string? ns, T body, CancellationToken ct) =>
        KubernetesJson.Deserialize<T>(
            await SendAsync(
                HttpMethod.Post,
                type.Path(ns),
                KubernetesJson.Serialize(body!),
                "application/json",
                "application/json",
                ct
            )
        );

    public async Task<T> ReplaceAsync<T>(ResourceType type, T body, string? subresource, CancellationToken ct)
        where T : IKubernetesObject<V1ObjectMeta> =>
        KubernetesJson.Deserialize<T>(
            await SendAsync(
                HttpMethod.Put,
                type.Path(body.Metadata.NamespaceProperty, body.Metadata.Name, subresource),
                KubernetesJson.Serialize(body),
                "application/json",
                "application/json",
                ct
            )
        );

    public Task<string> PostAsync(string path, string json, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, path, json, "application/json", "application/json", ct);

    public Task<string> PutAsync(string path, string json, CancellationToken ct) =>
        SendAsync(HttpMethod.Put, path, json, "application/json", "application/json", ct);

    public Task<string> MergePatchAsync(string path, JsonNode patch, CancellationToken ct) =>
        SendAsync(HttpMethod.Patch, path, patch.ToJsonString(), "application/merge-patch+json", "application/json", ct);

    /// <summary>Deletes an object; one that is gone already, or that is another one by now, is success.</summary>
    public async Task DeleteAsync(
        string path,
        string? uid,
        string? propagationPolicy,
        CancellationToken ct,
        long? graceSeconds = null
    )
    {
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions" };
        if (uid is not null)
        {
            options["preconditions"] = new JsonObject { ["uid"] = uid };
        }

        if (propagationPolicy is not null)
        {
            options["propagationPolicy"] = propagationPolicy;
        }

        if (graceSeconds is not null)
        {
            options["gracePeriodSeconds"] = graceSeconds;
        }

        try
        {
            await SendAsync(
                HttpMethod.Delete,
                path,
                options.ToJsonString(),
                "application/json",
                "application/json",
                ct
            );
        }
        catch (ApiRequestException e) when (e.IsNotFound || (e.IsConflict && uid is not null))
        {
            // What the caller wanted gone is gone.
        }
    }

    /// <summary>The lines of a watch until the server ends it.</summary>
    public async IAsyncEnumerable<WatchLine> WatchAsync(
        string path,
        string query,
        string accept,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        using var request = Request(HttpMethod.Get, $"{path}?watch=true&{query}", accept);
        using var response = await SendAsync(request, ct);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            var node = JsonNode.Parse(line)!.AsObject();
            var type = (string)node["type"]!;
            var payload = node["object"]!.AsObject();
            if (type == "ERROR")
            {
                throw new ApiRequestException(
                    (System.Net.HttpStatusCode)(payload["code"]?.GetValue<int>() ?? 500),
                    payload.ToJsonString()
                );
            }

            yield return new WatchLine(type, payload);
        }
    }

    private async Task<string> SendAsync(
        HttpMethod method,
        string path,
        string? body,
        string? contentType,
        string accept,
        CancellationToken ct
    )
    {
        using var request = Request(method, path, accept);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType!));
        }

        using var response = await SendAsync(request, ct);
        return await response.Content.ReadAsStringAsync(ct);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string accept)
    {
        var request = new HttpRequestMessage(method, new Uri(_client.BaseUri, path))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        if (_client.Credentials is not null)
        {
            await _client.Credentials.ProcessHttpRequestAsync(request, ct);
        }

        var response = await _client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new ApiRequestException(response.StatusCode, await response.Content.ReadAsStringAsync(ct));
        }
    }
}
