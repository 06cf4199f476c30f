namespace Granary.Metrics;

/// <summary>A gauge that is pushed under two names, see D22 of stash-behaviour.</summary>
/// <param name="Legacy">The name in Stash's documentation.</param>
/// <param name="Current">The name that Stash publishes today.</param>
/// <param name="Unit">What its number counts.</param>
/// <param name="PushedBy">The program that pushes it.</param>
/// <param name="Help">What it says, in one sentence.</param>
public sealed record PushedMetric(string Legacy, string Current, MetricUnit Unit, MetricPusher PushedBy, string Help);
