using System.Globalization;
using System.Text;

namespace Granary.Worker.Metrics;

/// <summary>Gauges in Prometheus' text format, all series of a name together as the format demands.</summary>
internal sealed class Exposition
{
    private readonly SortedDictionary<string, StringBuilder> _families = new(StringComparer.Ordinal);

    /// <summary>Whether there is nothing to push.</summary>
    public bool IsEmpty => _families.Count == 0;

    /// <summary>Adds one series.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="value">In plain units: seconds, bytes, counts; 1 and 0 for yes and no.</param>
    public void Gauge(string name, IEnumerable<KeyValuePair<string, string>> labels, double value)
    {
        if (!_families.TryGetValue(name, out var family))
        {
            _families[name] = family = new StringBuilder($"# TYPE {name} gauge\n");
        }

        family
            .Append(name)
            .Append('{')
            .AppendJoin(
                ',',
                labels
                    .OrderBy(label => label.Key, StringComparer.Ordinal)
                    .Select(label => $"{label.Key}=\"{Escape(label.Value)}\"")
            )
            .Append("} ")
            .Append(value.ToString("R", CultureInfo.InvariantCulture))
            .Append('\n');
    }

    /// <inheritdoc/>
    public override string ToString() => string.Concat(_families.Values);

    private static string Escape(string value) =>
        value
            .Replace("\\", @"\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
