using System.Net.Http.Headers;

namespace Granary.Storage.Http;

/// <summary>
/// Gives up requests that move no byte for too long, and sets no limit to their total. Names the program.
/// </summary>
/// <remarks>
/// A total time limit would have to fit the slowest line and the largest pack. A dead peer differs from a slow one in
/// that nothing moves: each written block, the reply's head and each read block begin a new wait.
/// </remarks>
internal sealed class StallHandler(HttpMessageHandler inner, TimeSpan limit, TimeProvider time)
    : DelegatingHandler(inner)
{
    private static readonly ProductInfoHeaderValue Agent = ProductInfoHeaderValue.Parse(Transport.UserAgent);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        request.Headers.UserAgent.Clear();
        request.Headers.UserAgent.Add(Agent);
        using var stall = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, cancellationToken);
        if (request.Content is { } content)
        {
            request.Content = new WatchedContent(content, () => stall.CancelAfter(limit));
        }

        try
        {
            var response = await base.SendAsync(request, either.Token);
            var body = await response.Content.ReadAsStreamAsync(either.Token);
            var watched = new StreamContent(new StallStream(body, limit, time));
            WatchedContent.CopyHeaders(response.Content, watched);
            response.Content = watched;
            return response;
        }
        catch (Exception e) when (stall.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The exception that clients of all SDKs take for a fault of the network.
            throw new HttpRequestException(
                $"no progress for {limit.TotalSeconds:0.##} s",
                new TimeoutException(null, e)
            );
        }
    }
}
