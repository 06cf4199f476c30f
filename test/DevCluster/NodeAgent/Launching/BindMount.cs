namespace Granary.DevCluster.Nodes.Launching;

/// <summary>A file or directory of the host that a container sees somewhere else.</summary>
internal sealed record BindMount(string Source, string Target, bool ReadOnly);

/// <summary>Everything a container process is started with.</summary>
/// <param name="Directory">The run's own directory: its overlay, scripts and notes.</param>
/// <param name="Hidden">A directory of the host that the container must not see into.</param>
/// <param name="MemoryGroup">The control group directories that the process joins; empty for none.</param>
internal sealed record LaunchSpec(
    string Directory,
    string Hidden,
    string HostName,
    string WorkingDirectory,
    ContainerUser User,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<string> Command,
    IReadOnlyList<BindMount> Mounts,
    string? MemoryGroup,
    bool ReadOnlyRoot
);
