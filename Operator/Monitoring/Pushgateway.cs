using System.Net.Http.Headers;
using System.Text;

namespace Granary.Operator.Monitoring;

/// <summary>Sends series to a Pushgateway.</summary>
/// <remarks>
/// POST merges by metric name within the job's group, so the hosts' series that the worker pushed stay. Source: §5.1.
/// </remarks>
internal sealed class Pushgateway(HttpClient http, OperatorOptions options)
{
    /// <summary>A gateway that does not answer must not hold up the end of a session.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public bool IsConfigured => options.PushgatewayUrl.Length > 0;

    /// <returns>Null when the gateway took the series, else what went wrong.</returns>
    public async Task<string?> PushAsync(string job, Exposition series, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var body = new StringContent(series.ToString(), Encoding.UTF8);
            body.Headers.ContentType = MediaTypeHeaderValue.Parse("text/plain; version=0.0.4; charset=utf-8");
            var address = new Uri($"{options.PushgatewayUrl.TrimEnd('/')}/metrics/job/{Uri.EscapeDataString(job)}");
            using var answer = await http.PostAsync(address, body, limit.Token);
            return answer.IsSuccessStatusCode
                ? null
                : $"the Pushgateway answered {(int)answer.StatusCode} {answer.ReasonPhrase}";
        }
        catch (HttpRequestException e)
        {
            return $"the Pushgateway cannot be reached: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"the Pushgateway did not answer within {Patience.TotalSeconds:0} s";
        }
    }
}
