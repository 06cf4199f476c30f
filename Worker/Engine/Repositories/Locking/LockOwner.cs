namespace Granary.Engine.Repositories.Locking;

/// <summary>The program that takes a lock.</summary>
/// <param name="Hostname">Host name; on Kubernetes the Pod's name.</param>
/// <param name="Username">User name.</param>
/// <param name="ProcessId">Process id.</param>
/// <param name="PodNamespace">The Pod's namespace, if there is a Pod.</param>
/// <param name="PodName">The Pod's name.</param>
/// <param name="PodUid">The Pod's UID, by which a dead owner is recognised.</param>
public sealed record LockOwner(
    string Hostname,
    string Username,
    int ProcessId,
    string? PodNamespace = null,
    string? PodName = null,
    string? PodUid = null
)
{
    /// <summary>Numeric user id; left out of the file when 0.</summary>
    public uint UserId { get; init; }

    /// <summary>Numeric group id; left out of the file when 0.</summary>
    public uint GroupId { get; init; }

    /// <summary>
    /// The space in which the process id means something: the same text only for processes that one kernel shows to
    /// each other. Null where it is unknown. A host name does not do: containers and cloned machines share theirs.
    /// </summary>
    public string? ProcessSpace { get; init; }
}
