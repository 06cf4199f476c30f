using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Subresources;

/// <summary>
/// Passes on what a container wrote. The node agent serves it under the address, and for the bearer, that annotations
/// of its Node name.
/// </summary>
internal sealed class PodLog(ApiCore core) : ISubresourceHandler, IDisposable
{
    /// <summary>Annotation of a Node: where its agent serves logs, e.g. <c>http://127.0.0.1:4711</c>.</summary>
    public const string AddressAnnotation = "devcluster.granary/log-address";

    /// <summary>Annotation of a Node: the bearer token that the agent asks for.</summary>
    public const string TokenAnnotation = "devcluster.granary/log-token";

    private static readonly string[] Passed =
    [
        "follow",
        "tailLines",
        "previous",
        "timestamps",
        "sinceSeconds",
        "sinceTime",
        "limitBytes",
    ];

    private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };

    public async Task HandleAsync(ApiRequest request)
    {
        var pod = core.Store.Get("pods", request.Info.Namespace, request.Info.Name)
            ?? throw ApiErrors.NotFound(request.Resource, request.Info.Name);
        var container = Container(request, pod);
        var node = pod.Value.TextAt("spec", "nodeName");
        if (string.IsNullOrEmpty(node))
        {
            // Nothing runs yet, so nothing was written.
            request.Http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var annotations = core.Store.Get("nodes", string.Empty, node)?.Value.ObjectAt("metadata", "annotations");
        var address = annotations.TextAt(AddressAnnotation)
            ?? throw ApiErrors.Internal($"node \"{node}\" serves no logs");
        await ForwardAsync(request, pod, container, address, annotations.TextAt(TokenAnnotation));
    }

    public void Dispose() => _client.Dispose();

    private static string Container(ApiRequest request, StoredObject pod)
    {
        var names = pod.Value.ArrayAt("spec", "containers").Objects().Select(c => c.TextAt("name")!).ToArray();
        var initial = pod.Value.ArrayAt("spec", "initContainers").Objects().Select(c => c.TextAt("name")!).ToArray();
        if (request.Query("container") is { Length: > 0 } wanted)
        {
            return names.Concat(initial).Contains(wanted, StringComparer.Ordinal)
                ? wanted
                : throw ApiErrors.BadRequest($"container {wanted} is not valid for pod {pod.Name}");
        }

        if (names.Length == 1)
        {
            return names[0];
        }

        var choices =
            initial.Length > 0
                ? $"[{string.Join(' ', names)}] or one of the init containers: [{string.Join(' ', initial)}]"
                : $"[{string.Join(' ', names)}]";
        throw ApiErrors.BadRequest($"a container name must be specified for pod {pod.Name}, choose one of: {choices}");
    }

    private async Task ForwardAsync(
        ApiRequest request,
        StoredObject pod,
        string container,
        string address,
        string? token
    )
    {
        var query = Passed
            .Where(p => !string.IsNullOrEmpty(request.Query(p)))
            .Select(p => $"{p}={Uri.EscapeDataString(request.Query(p)!)}");
        var uri = new Uri(
            $"{address.TrimEnd('/')}/logs/{pod.Namespace}/{pod.Name}/{container}?{string.Join('&', query)}"
        );
        using var message = new HttpRequestMessage(HttpMethod.Get, uri);
        if (token is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var answer = await SendAsync(message, request.Aborted);
        var response = request.Http.Response;
        if (!answer.IsSuccessStatusCode)
        {
            var text = await answer.Content.ReadAsStringAsync(request.Aborted);
            throw ApiErrors.BadRequest(text.Length == 0 ? $"the node answered {(int)answer.StatusCode}" : text);
        }

        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/plain";
        await response.Body.FlushAsync(request.Aborted);
        await using var body = await answer.Content.ReadAsStreamAsync(request.Aborted);
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await body.ReadAsync(buffer, request.Aborted)) > 0)
        {
            await response.Body.WriteAsync(buffer.AsMemory(0, count), request.Aborted);
            await response.Body.FlushAsync(request.Aborted);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw ApiErrors.Internal($"the node agent cannot be reached: {e.Message}");
        }
    }
}
