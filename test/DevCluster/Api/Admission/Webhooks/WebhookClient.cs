using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Admission.Webhooks;

/// <summary>
/// Sends reviews to webhooks over HTTPS. The certificate must be from the authorities that the webhook names.
/// </summary>
internal sealed class WebhookClient : IDisposable
{
    /// <summary>Connections are kept for this many webhooks.</summary>
    private const int MostClients = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string, string?), HttpClient> _clients = [];

    /// <exception cref="WebhookFailedException">No answer in time, or not a review.</exception>
    public async Task<JsonObject> CallAsync(
        Webhook webhook,
        WebhookEndpoint endpoint,
        JsonObject review,
        CancellationToken cancellationToken
    )
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(webhook.Timeout);
        try
        {
            using var content = new StringContent(review.ToJsonString(), Encoding.UTF8);
            content.Headers.ContentType = new("application/json");
            using var message = new HttpRequestMessage(HttpMethod.Post, endpoint.Uri) { Content = content };
            using var answer = await ClientFor(webhook, endpoint).SendAsync(message, timeout.Token);
            var text = await answer.Content.ReadAsStringAsync(timeout.Token);
            if (!answer.IsSuccessStatusCode)
            {
                throw new WebhookFailedException(
                    null,
                    $"failed to call webhook: an error on the server ({text}) has prevented the request from succeeding"
                );
            }

            return JsonNode.Parse(text) as JsonObject
                ?? throw new WebhookFailedException(null, "received invalid webhook response: not an object");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebhookFailedException(endpoint.Uri, "context deadline exceeded");
        }
        catch (HttpRequestException e)
        {
            throw new WebhookFailedException(endpoint.Uri, Describe(e, endpoint));
        }
        catch (JsonException e)
        {
            throw new WebhookFailedException(null, $"received invalid webhook response: {e.Message}");
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private static string Describe(HttpRequestException e, WebhookEndpoint endpoint)
    {
        var host = endpoint.Target?.Host ?? endpoint.Uri.Host;
        var port = endpoint.Target?.Port ?? endpoint.Uri.Port;
        return e.InnerException switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
                $"dial tcp {host}:{port}: connect: connection refused",
            SocketException s => $"dial tcp {host}:{port}: {s.Message}",
            AuthenticationException =>
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            _ => e.HttpRequestError == HttpRequestError.ResponseEnded ? "EOF" : e.Message,
        };
    }

    private HttpClient ClientFor(Webhook webhook, WebhookEndpoint endpoint)
    {
        var key = ($"{endpoint.Uri.Authority}>{endpoint.Target}", webhook.CaBundle);
        lock (_gate)
        {
            if (_clients.TryGetValue(key, out var client))
            {
                return client;
            }

            if (_clients.Count >= MostClients)
            {
                _clients.Clear();
            }

            return _clients[key] = Make(webhook, endpoint);
        }
    }

    private static HttpClient Make(Webhook webhook, WebhookEndpoint endpoint)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
            SslOptions = new SslClientAuthenticationOptions(),
        };
        if (webhook.CaBundle is { Length: > 0 } bundle)
        {
            handler.SslOptions.CertificateChainPolicy = Trust(bundle, endpoint.Uri);
        }

        if (endpoint.Target is { } target)
        {
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(target.Host, target.Port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }

        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static X509ChainPolicy Trust(string bundle, Uri uri)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        try
        {
            policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(bundle)));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new WebhookFailedException(
                uri,
                "unable to load root certificates: unable to parse bytes as PEM block"
            );
        }

        return policy;
    }
}
