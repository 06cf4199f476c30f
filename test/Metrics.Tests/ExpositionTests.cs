namespace Granary.Metrics.Tests;

public sealed class ExpositionTests
{
    private static readonly PushedMetric Metric = new(
        "old_name",
        "new_name",
        MetricUnit.Count,
        MetricPusher.Worker,
        "What it says."
    );

    [Fact]
    public async Task A_series_has_both_names_with_their_type_and_help()
    {
        var series = new Exposition();
        series.Add(Metric, new Dictionary<string, string> { ["host"] = "a" }, 1);
        series.Add(Metric, new Dictionary<string, string> { ["host"] = "b", ["env"] = "test" }, 2.5);

        var text = await series.ToTextAsync(TestContext.Current.CancellationToken);

        foreach (var name in new[] { Metric.Legacy, Metric.Current })
        {
            Assert.Contains(
                $"# HELP {name} What it says.\n# TYPE {name} gauge\n{name}{{host=\"a\"}} 1\n"
                    + $"{name}{{env=\"test\",host=\"b\"}} 2.5\n",
                text,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task Label_values_are_escaped()
    {
        var series = new Exposition();

        series.Add(Metric, new Dictionary<string, string> { ["l"] = "a\"b\\c\nd" }, 1.5);

        Assert.Contains(
            "# TYPE new_name gauge\nnew_name{l=\"a\\\"b\\\\c\\nd\"} 1.5\n",
            await series.ToTextAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Only_what_was_added_is_written()
    {
        var series = new Exposition();

        Assert.True(series.IsEmpty);
        Assert.Empty(await series.ToTextAsync(TestContext.Current.CancellationToken));
    }
}
