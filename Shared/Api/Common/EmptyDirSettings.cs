using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>Configures the emptyDir volume that serves as scratch space and repository cache.</summary>
public sealed class EmptyDirSettings
{
    /// <summary>Storage medium: empty for the node's disk, or <c>Memory</c>.</summary>
    public string? Medium { get; set; }

    /// <summary>The most the volume may hold, such as <c>1Gi</c>.</summary>
    public ResourceQuantity? SizeLimit { get; set; }

    /// <summary>Whether the repository cache is left out.</summary>
    public bool DisableCaching { get; set; }
}

/// <summary>How often and how soon a failed session is tried again.</summary>
public sealed class RetryConfig
{
    /// <summary>The most retries of one session.</summary>
    [DefaultValue(1L)]
    public int MaxRetry { get; set; } = 1;

    /// <summary>Go duration to wait before a retry; none means at once.</summary>
    public string? Delay { get; set; }
}
