using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.DevCluster.Controllers;

/// <summary>How the controllers run.</summary>
public sealed record ControllerOptions
{
    public ControllerOptions() { }

    public ControllerOptions(TimeProvider time) => Time = time;

    /// <summary>The clock of schedules, deadlines, back-offs and TTLs; tests may simulate it.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether Pods are bound to nodes here; off where another scheduler does it, or none.</summary>
    public bool Schedules { get; init; } = true;

    /// <summary>
    /// The wait before a failed Job's second Pod; doubles per failure. Kubernetes' own value is 10 s.
    /// </summary>
    public TimeSpan JobBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait between two Pods of a Job.</summary>
    public TimeSpan MaxJobBackoff { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a namespace that was deleted keeps what it holds, as Kubernetes' own controller leaves it be at first.
    /// </summary>
    public TimeSpan NamespaceGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// PEM of the authority that <c>kube-root-ca.crt</c> hands to Pods; null leaves that object to others.
    /// </summary>
    public string? RootCertificates { get; init; }

    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;
}
