using Granary.DevCluster.Nodes.Images;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.DevCluster.Nodes;

/// <summary>How a node agent runs.</summary>
/// <param name="NodeName">The node's name in the cluster.</param>
/// <param name="Images">What each image name runs here.</param>
/// <param name="RootDirectory">
/// Where Pods' files, volumes and logs live; belongs to this agent alone. Pods' own files are removed with them;
/// volumes of claims stay.
/// </param>
public sealed record NodeAgentOptions(string NodeName, ImageMap Images, string RootDirectory)
{
    /// <summary>
    /// The loopback network that Pods get addresses from, such as <c>127.31.7</c>; null picks one at random.
    /// </summary>
    public string? PodNetwork { get; init; }

    /// <summary>
    /// The wait before a container's second restart; doubles up to five minutes. Kubernetes' own value is 10 s.
    /// </summary>
    public TimeSpan RestartBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often Secret, ConfigMap and token volumes are brought up to date.</summary>
    public TimeSpan VolumeRefresh { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether the Node object is removed when the agent stops.</summary>
    public bool RemoveNodeOnStop { get; init; } = true;

    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;
}
