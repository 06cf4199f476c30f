using System.Collections.Concurrent;

namespace KubeOps.Tests.Cluster;

/// <summary>Keeps method, address and body of every request that passes.</summary>
public sealed class RequestLog : DelegatingHandler
{
    private readonly ConcurrentQueue<(string Method, Uri Address, string Body)> _requests = new();

    public IReadOnlyList<(string Method, Uri Address, string Body)> Requests => [.. _requests];

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var body = request.Content is null ? string.Empty : await request.Content.ReadAsStringAsync(cancellationToken);
        _requests.Enqueue((request.Method.Method, request.RequestUri!, body));
        return await base.SendAsync(request, cancellationToken);
    }
}
