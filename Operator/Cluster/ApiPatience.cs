using System.Net;

namespace Granary.Operator.Cluster;

/// <summary>
/// Bounds every request to the API server but watches, and asks again when the server says so (429 with Retry-After, as
/// it answers while a new definition's storage is made ready).
/// </summary>
internal sealed class ApiPatience(TimeProvider time, ILogger<ApiPatience> log) : DelegatingHandler
{
    /// <summary>How long one request may take, the waits that the server asked for included.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <exception cref="HttpRequestException">The server did not answer in time.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (request.RequestUri?.Query.Contains("watch=true", StringComparison.Ordinal) == true)
        {
            // A watch lasts as long as it likes; who follows it knows when to give it up.
            return await base.SendAsync(request, cancellationToken);
        }

        var started = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            while (true)
            {
                var response = await base.SendAsync(request, either.Token);
                if (
                    response.StatusCode != HttpStatusCode.TooManyRequests
                    || response.Headers.RetryAfter?.Delta is not { } wait
                    || time.GetElapsedTime(started) + wait >= Deadline
                )
                {
                    return response;
                }

                response.Dispose();
                log.ApiBusy(request.Method.Method, request.RequestUri?.AbsolutePath ?? "", wait);
                await Task.Delay(wait, time, either.Token);
            }
        }
        catch (OperationCanceledException e)
            when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(
                $"The API server did not answer {request.Method} {request.RequestUri?.AbsolutePath} within {Deadline}.",
                e
            );
        }
    }
}
