using System.Globalization;
using System.Text;

namespace Granary.Operator.Monitoring;

/// <summary>Gauges in Prometheus' text format, grouped by name as the format demands.</summary>
internal sealed class Exposition
{
    private readonly SortedDictionary<string, StringBuilder> _families = new(StringComparer.Ordinal);

    public bool IsEmpty => _families.Count == 0;

    /// <summary>Adds one series.</summary>
    /// <param name="value">Plain units: seconds, bytes, counts; 1 and 0 for yes and no.</param>
    public void Gauge(string name, IEnumerable<KeyValuePair<string, string>> labels, double value)
    {
        if (!_families.TryGetValue(name, out var family))
        {
            _families[name] = family = new StringBuilder().Append("# TYPE ").Append(name).Append(" gauge\n");
        }

        family.Append(name).Append('{');
        family.AppendJoin(
            ',',
            labels
                .OrderBy(label => label.Key, StringComparer.Ordinal)
                .Select(label => $"{label.Key}=\"{Escape(label.Value)}\"")
        );
        family.Append("} ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    public override string ToString() => string.Concat(_families.Values);

    private static string Escape(string value) =>
        value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
