namespace Granary.Metrics.Tests;

/// <summary>Metrics fail no backup, so whatever goes wrong is a text.</summary>
public sealed class PushgatewayFailureTests
{
    [Theory]
    [InlineData("http://127.0.0.1:9", "env", "the Pushgateway cannot be reached")]
    [InlineData("pushgateway", "env", "the Pushgateway's address 'pushgateway' is no URL")]
    [InlineData(
        "http://127.0.0.1:9",
        "my-label",
        "the metrics cannot be written, see --metrics-labels: Label name 'my-label'"
    )]
    public async Task A_failure_is_a_text_and_no_exception(string address, string label, string words)
    {
        using var http = new HttpClient();
        var series = new Exposition();
        series.Add(PushedMetrics.BackupHostSuccess, new Dictionary<string, string> { [label] = "x" }, true);

        var failure = await new Pushgateway(http, address, TimeSpan.FromSeconds(30)).PushAsync(
            new MetricGroup("BackupConfiguration", "demo", "pg"),
            series,
            TestContext.Current.CancellationToken
        );

        Assert.StartsWith(words, failure, StringComparison.Ordinal);
    }
}
