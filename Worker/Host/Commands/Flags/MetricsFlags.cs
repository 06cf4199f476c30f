using System.CommandLine;
using Granary.Metrics;
using Granary.Worker.Metrics;

namespace Granary.Worker.Commands.Flags;

/// <summary>
/// The flags by which the operator tells a step what to push, and where to. Source: stash-behaviour §3.5.
/// </summary>
internal sealed class MetricsFlags
{
    private readonly Option<bool> _enabled = Flag.Switch("--metrics-enabled", "Push metrics.");
    private readonly Option<string> _pushgateway = Flag.Text("--metrics-pushgateway-url", "Where to push metrics.");
    private readonly Option<string[]> _labels = Flag.Texts(
        "--metrics-labels",
        "Further labels, as key=value, separated by commas."
    );

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_enabled);
        command.Options.Add(_pushgateway);
        command.Options.Add(_labels);
    }

    /// <summary>What the flags say.</summary>
    public MetricsRequest Read(ParseResult parsed) =>
        new(
            parsed.GetValue(_enabled),
            parsed.GetValue(_pushgateway) ?? "",
            MetricLabels.ParseExtra(parsed.GetValue(_labels) ?? [])
        );
}
