using System.Text;

namespace Granary.Worker.Metrics;

/// <summary>Sends series to a Pushgateway.</summary>
/// <remarks>
/// POST replaces the series of the names that are sent and leaves the others of the job alone. Source: stash-behaviour
/// §5.1.
/// </remarks>
internal sealed class Pushgateway(HttpClient http, string baseUrl)
{
    /// <summary>Whether there is one to push to.</summary>
    public bool IsConfigured => baseUrl.Length > 0;

    /// <summary>Sends the series. Metrics never fail a backup, so a failure is a text and not an exception.</summary>
    /// <param name="job">The value that groups the series.</param>
    /// <param name="series">What to send.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null when the gateway took them, else why not.</returns>
    public async Task<string?> PushAsync(string job, Exposition series, CancellationToken cancellationToken)
    {
        if (
            !Uri.TryCreate(
                $"{baseUrl.TrimEnd('/')}/metrics/job/{Uri.EscapeDataString(job)}",
                UriKind.Absolute,
                out var url
            )
        )
        {
            return $"the Pushgateway's address '{baseUrl}' is no URL";
        }

        try
        {
            using var content = new StringContent(series.ToString(), Encoding.UTF8, "text/plain");
            using var answer = await http.PostAsync(url, content, cancellationToken);
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
            return $"the Pushgateway did not answer within {http.Timeout.TotalSeconds:0} s";
        }
    }
}
