using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Granary.TestSupport.StandIns;

/// <summary>A reverse proxy in front of a real server, which may answer some requests itself, as proxies do.</summary>
public sealed class RelayServer : IAsyncDisposable
{
    private readonly HttpClient _client = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        }
    );
    private readonly string _target;
    private readonly Func<HttpContext, Task<bool>> _answers;
    private StubServer? _server;

    private RelayServer(string target, Func<HttpContext, Task<bool>> answers) =>
        (_target, _answers) = (target.TrimEnd('/'), answers);

    /// <summary>The base address, without a slash at its end.</summary>
    public string Url => _server!.Url; // set before anybody gets the instance

    /// <summary>Starts it.</summary>
    /// <param name="target">The address of the server behind it.</param>
    /// <param name="answers">Answers a request and says so, or leaves it to the server behind.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<RelayServer> StartAsync(
        string target,
        Func<HttpContext, Task<bool>> answers,
        CancellationToken cancellationToken = default
    )
    {
        var relay = new RelayServer(target, answers);
        relay._server = await StubServer.StartAsync(relay.HandleAsync, cancellationToken);
        return relay;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (await _answers(context))
        {
            return;
        }

        // Whoever takes this for a forward proxy names the whole address.
        var asked = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var path = asked.StartsWith('/') ? asked : new Uri(asked).PathAndQuery;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_target + path));
        if (context.Request.ContentLength is not null || context.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(context.Request.Body)
            {
                Headers = { ContentLength = context.Request.ContentLength },
            };
        }

        foreach (var (name, values) in context.Request.Headers)
        {
            if (
                name is not ("Host" or "Expect" or "Connection" or "Content-Length" or "Transfer-Encoding")
                && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable())
            )
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        using var response = await _client.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            context.RequestAborted
        );
        context.Response.StatusCode = (int)response.StatusCode;
        Copy(response.Headers, context.Response);
        Copy(response.Content.Headers, context.Response);
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }

    private static void Copy(HttpHeaders headers, HttpResponse response)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            if (name is not ("Transfer-Encoding" or "Connection"))
            {
                response.Headers[name] = values.ToArray();
            }
        }
    }
}
