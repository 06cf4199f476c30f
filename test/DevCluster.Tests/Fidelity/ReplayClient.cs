using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>An answer: status, the headers worth comparing, body.</summary>
internal sealed record ReplayAnswer(int Status, JsonObject Headers, JsonNode? Body);

/// <summary>Sends plain HTTP requests to a server, as its administrator or as somebody else.</summary>
internal sealed class ReplayClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly ApiServer _server;

    public ReplayClient(ApiServer server)
    {
        _server = server;
        var authority = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(server.CaCertificatePem));
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(authority);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = policy;
        _http = new HttpClient(handler) { BaseAddress = server.Address };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("vectors/1");
    }

    /// <summary>Bearer token of later requests; the administrator's when null, none when empty.</summary>
    public string? Token { get; set; }

    public async Task<ReplayAnswer> SendAsync(
        string method,
        string path,
        JsonNode? body,
        string? contentType,
        string? accept,
        CancellationToken cancellationToken,
        string? impersonated = null
    )
    {
        using var message = Message(method, path, body, contentType, accept);
        if (impersonated is not null)
        {
            message.Headers.Add("Impersonate-User", impersonated);
        }

        using var answer = await _http.SendAsync(message, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var headers = new JsonObject();
        if (answer.Content.Headers.ContentType is { } type)
        {
            headers["content-type"] = type.ToString().Replace("; ", ";", StringComparison.Ordinal);
        }

        if (answer.Headers.TryGetValues("Warning", out var warnings))
        {
            var all = warnings.ToArray();
            headers["warning"] = all.Length == 1 ? all[0] : new JsonArray([.. all.Select(w => (JsonNode)w)]);
        }

        if (answer.Headers.RetryAfter is { } retry)
        {
            headers["retry-after"] = retry.ToString();
        }

        return new ReplayAnswer((int)answer.StatusCode, headers, Parse(text, headers["content-type"]?.ToString()));
    }

    /// <summary>Collects what a watch sends until it ends.</summary>
    /// <param name="whenOpen">Runs once the watch is open.</param>
    public async Task<JsonArray> WatchAsync(string path, Func<Task> whenOpen, CancellationToken cancellationToken)
    {
        using var message = Message("GET", path, null, null, "application/json");
        using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        await whenOpen();
        var events = new JsonArray();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            events.Add(JsonNode.Parse(line));
        }

        return events;
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Message(string method, string path, JsonNode? body, string? contentType, string? accept)
    {
        var message = new HttpRequestMessage(new HttpMethod(method), path);
        if (Token is not "")
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token ?? _server.AdminToken);
        }

        if (accept is not null)
        {
            message.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (body is not null)
        {
            var text =
                body.GetValueKind() == System.Text.Json.JsonValueKind.String
                    ? body.GetValue<string>()
                    : body.ToJsonString();
            message.Content = new StringContent(text, Encoding.UTF8);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType ?? "application/json");
        }

        return message;
    }

    private static JsonNode? Parse(string text, string? contentType) =>
        text.Length > 0 && contentType?.StartsWith("application/json", StringComparison.Ordinal) == true
            ? JsonNode.Parse(text)
            : JsonValue.Create(text);
}
