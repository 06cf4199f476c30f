using System.Net.Http.Headers;
using System.Text;

namespace Granary.Metrics;

/// <summary>Sends series to a Pushgateway.</summary>
/// <remarks>
/// POST replaces the series of the names that are sent and leaves the others of the group alone. So the operator's
/// series and the worker's stay side by side. Source: stash-behaviour §5.1.
/// </remarks>
/// <param name="http">Sends the requests.</param>
/// <param name="baseUrl">Address of the gateway; empty when there is none.</param>
/// <param name="timeout">How long to wait for its answer: a gateway must not hold up the end of a backup.</param>
public sealed class Pushgateway(HttpClient http, string baseUrl, TimeSpan timeout)
{
    /// <summary>Whether there is one to push to.</summary>
    public bool IsConfigured => baseUrl.Length > 0;

    /// <summary>Sends the series. Metrics never fail a backup, so a failure is a text and not an exception.</summary>
    /// <param name="group">Whose series they are.</param>
    /// <param name="series">What to send.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null when the gateway took them, else why not.</returns>
    public async Task<string?> PushAsync(MetricGroup group, Exposition series, CancellationToken cancellationToken)
    {
        var address = $"{baseUrl.TrimEnd('/')}/{group.Path}";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url))
        {
            return $"the Pushgateway's address '{baseUrl}' is no URL";
        }

        string text;
        try
        {
            text = await series.ToTextAsync(cancellationToken);
        }
        catch (ArgumentException e)
        {
            return $"the metrics cannot be written, see --metrics-labels: {e.Message}";
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using var content = new StringContent(text, Encoding.UTF8);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse("text/plain; version=0.0.4; charset=utf-8");
            using var answer = await http.PostAsync(url, content, limit.Token);
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
            return $"the Pushgateway did not answer within {timeout.TotalSeconds:0} s";
        }
    }
}
