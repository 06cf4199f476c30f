using System.Collections.Concurrent;
using System.Net;

namespace Granary.Operator.Tests.Support;

/// <summary>
/// Stands between the operator and the API server: counts writes, and can kill the operator before or after one of
/// them.
/// </summary>
internal sealed class FaultyApi : DelegatingHandler
{
    private int _writes;

    /// <summary>The write that is not carried out, counted from 1; 0 for none.</summary>
    public int DieBefore { get; set; }

    /// <summary>The write that is carried out although its answer never comes back; 0 for none.</summary>
    public int DieAfter { get; set; }

    public int Writes => _writes;

    public List<string> Log { get; } = [];

    /// <summary>Every request, reads too.</summary>
    public ConcurrentQueue<(HttpMethod Method, Uri Address)> Requests { get; } = new();

    public void Reset() => _writes = 0;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        Requests.Enqueue((request.Method, request.RequestUri!));
        if (request.Method == HttpMethod.Get)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var number = Interlocked.Increment(ref _writes);
        Log.Add($"{request.Method} {request.RequestUri?.AbsolutePath}");
        if (number == DieBefore)
        {
            throw new HttpRequestException(
                "the operator died before this write",
                null,
                HttpStatusCode.ServiceUnavailable
            );
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (number == DieAfter)
        {
            response.Dispose();
            throw new HttpRequestException(
                "the operator died after this write",
                null,
                HttpStatusCode.ServiceUnavailable
            );
        }

        return response;
    }
}
