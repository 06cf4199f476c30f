namespace Granary.Worker.Metrics;

/// <summary>What a step is asked to push.</summary>
/// <param name="IsEnabled">Whether to push at all.</param>
/// <param name="PushgatewayUrl">Where to; empty when there is no Pushgateway.</param>
/// <param name="ExtraLabels">The administrator's labels.</param>
internal sealed record MetricsRequest(
    bool IsEnabled,
    string PushgatewayUrl,
    IReadOnlyList<KeyValuePair<string, string>> ExtraLabels
);
