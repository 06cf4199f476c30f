using System.Reflection;
using Granary.TestSupport;

namespace Granary.Metrics.Tests;

public sealed class MetricsPageTests
{
    [Fact]
    public void Every_metric_is_in_the_table_once()
    {
        var metrics = typeof(PushedMetrics)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => Assert.IsType<PushedMetric>(field.GetValue(null)))
            .ToList();

        Assert.Equal(metrics, PushedMetrics.All);
        var names = metrics.SelectMany(metric => new[] { metric.Legacy, metric.Current }).ToList();
        Assert.Equal(names.Distinct(StringComparer.Ordinal), names);
    }

    [Fact]
    public void The_page_has_the_rows_of_the_table()
    {
        var rows = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, "docs/metrics.md"))
            .Where(line => line.StartsWith("| `stash_", StringComparison.Ordinal));

        Assert.Equal(PushedMetrics.All.Select(Row), rows);
    }

    private static string Row(PushedMetric metric)
    {
        var unit = metric.Unit switch
        {
            MetricUnit.Flag => "1 or 0",
            MetricUnit.UnixSeconds => "seconds since 1970",
            _ => metric.Unit.ToString().ToLowerInvariant(),
        };
        var pusher = metric.PushedBy.ToString().ToLowerInvariant();
        return $"| `{metric.Legacy}` | `{metric.Current}` | {unit} | {pusher} | {metric.Help} |";
    }
}
