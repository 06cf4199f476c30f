using System.Text;
using Prometheus;

namespace Granary.Metrics;

/// <summary>The series of one push. prometheus-net writes them in Prometheus' text format.</summary>
public sealed class Exposition
{
    private readonly List<Sample> _samples = [];

    /// <summary>Whether there is nothing to push.</summary>
    public bool IsEmpty => _samples.Count == 0;

    /// <summary>Adds one series under both of its names.</summary>
    /// <param name="metric">Which.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="value">In the metric's unit.</param>
    public void Add(PushedMetric metric, IReadOnlyDictionary<string, string> labels, double value) =>
        _samples.Add(new(metric, labels, value));

    /// <summary>Adds one series that is 1 for yes and 0 for no.</summary>
    public void Add(PushedMetric metric, IReadOnlyDictionary<string, string> labels, bool value) =>
        Add(metric, labels, value ? 1 : 0);

    /// <summary>The series as text, those of a name together as the format demands.</summary>
    /// <exception cref="ArgumentException">A label has a name that Prometheus does not allow.</exception>
    public async Task<string> ToTextAsync(CancellationToken cancellationToken)
    {
        // A registry of its own: the default one would add series about this process.
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var gauges = Prometheus.Metrics.WithCustomRegistry(registry);
        foreach (var (metric, labels, value) in _samples)
        {
            var names = labels.Keys.Order(StringComparer.Ordinal).ToArray();
            var values = Array.ConvertAll(names, name => labels[name]);
            gauges.CreateGauge(metric.Legacy, metric.Help, names).WithLabels(values).Set(value);
            gauges.CreateGauge(metric.Current, metric.Help, names).WithLabels(values).Set(value);
        }

        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, cancellationToken);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private sealed record Sample(PushedMetric Metric, IReadOnlyDictionary<string, string> Labels, double Value);
}
