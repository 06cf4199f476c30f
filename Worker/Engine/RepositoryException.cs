namespace Granary.Engine;

/// <summary>
/// Something is wrong with a repository, as opposed to with the store it lives in (<c>StorageException</c>).
/// </summary>
/// <remarks>
/// Messages name the thing, its id, the expected and the found value, and the next step. They never hold contents or
/// secrets.
/// </remarks>
public abstract class RepositoryException : Exception
{
    private protected RepositoryException(string message, Exception? innerException = null)
        : base(message, innerException) { }
}

/// <summary>There is no repository at the location: its <c>config</c> is missing.</summary>
public sealed class RepositoryNotFoundException(string location)
    : RepositoryException($"{location}: there is no repository here (config is missing); initialise one first")
{
    /// <summary>Where it was looked for.</summary>
    public string Location { get; } = location;
}

/// <summary>A repository, or the remains of one, is already at the location.</summary>
public sealed class RepositoryExistsException(string location, string found)
    : RepositoryException($"{location}: cannot initialise a repository: {found}")
{
    /// <summary>Where it was found.</summary>
    public string Location { get; } = location;
}

/// <summary>No key file of the repository opens with the password.</summary>
public sealed class WrongPasswordException(string location, int keysTried)
    : RepositoryException($"{location}: wrong password ({keysTried} key files tried)")
{
    /// <summary>How many key files were tried.</summary>
    public int KeysTried { get; } = keysTried;
}

/// <summary>The repository uses a version, a key derivation or an encoding that this engine does not know.</summary>
public sealed class UnsupportedFormatException(string message, Exception? innerException = null)
    : RepositoryException(message, innerException);

/// <summary>No snapshot matches, or more than one does.</summary>
public sealed class SnapshotNotFoundException(string message) : RepositoryException(message);

/// <summary>A snapshot holds no file at the path that was asked for.</summary>
public sealed class PathNotFoundException(string snapshot, string path, string reason)
    : RepositoryException($"snapshot {snapshot}: {path}: {reason}")
{
    /// <summary>The path inside the snapshot.</summary>
    public string Path { get; } = path;
}

/// <summary>A stored config, key, index, snapshot or lock file is damaged or unreadable.</summary>
public sealed class DamagedFileException(string file, string reason, Exception? innerException = null)
    : RepositoryException($"{file} is damaged: {reason}", innerException)
{
    /// <summary>The file, as <c>index/3f…</c>.</summary>
    public string File { get; } = file;

    /// <summary>The fault.</summary>
    public string Reason { get; } = reason;
}

/// <summary>A pack, or a blob in it, is missing, damaged or lies about itself.</summary>
public sealed class DamagedPackException(string pack, string reason, Exception? innerException = null)
    : RepositoryException(
        $"pack {pack} is damaged: {reason}; check names the snapshots that need it. A backup of the same data stores "
            + "it again; else run repair index and forget those snapshots",
        innerException
    )
{
    /// <summary>The pack's id, or the blob's where no index names a pack for it.</summary>
    public string Pack { get; } = pack;
}

/// <summary>The index names no pack for a blob that a snapshot needs.</summary>
public sealed class MissingBlobException(string blob, string neededBy)
    : RepositoryException(
        $"blob {blob} is in no index but {neededBy} needs it. Run repair index; if it stays missing, back the same "
            + "data up again, or forget the snapshot"
    )
{
    /// <summary>Type and id of the blob.</summary>
    public string Blob { get; } = blob;
}

/// <summary>Somebody else's lock forbids the operation.</summary>
public sealed class RepositoryLockedException : RepositoryException
{
    /// <summary>Creates the exception from the lock file's words on its owner.</summary>
    public RepositoryLockedException(string location, LockHolder holder)
        : base(
            $"{location} is locked {(holder.Exclusive ? "exclusively " : "")}by {holder}; wait for it, or unlock if "
                + "its owner is gone"
        ) => Holder = holder;

    /// <summary>The owner of the lock.</summary>
    public LockHolder Holder { get; }
}

/// <summary>The owner of a lock, as the lock file names it.</summary>
/// <param name="LockId">The lock file's name.</param>
/// <param name="Hostname">Host name; on Kubernetes the Pod's name.</param>
/// <param name="Username">User name.</param>
/// <param name="ProcessId">Process id on that host.</param>
/// <param name="Since">When the lock was written or last refreshed.</param>
/// <param name="Exclusive">Whether the lock is exclusive.</param>
/// <param name="Pod">The owner's Pod as <c>namespace/name</c>, where its writer said so.</param>
/// <param name="PodUid">The UID of that Pod.</param>
public sealed record LockHolder(
    string LockId,
    string Hostname,
    string Username,
    int ProcessId,
    DateTimeOffset Since,
    bool Exclusive,
    string? Pod = null,
    string? PodUid = null
)
{
    /// <summary>
    /// The space in which the process id means something, where the lock's writer said so; see
    /// <see cref="LockOwner.ProcessSpace"/>.
    /// </summary>
    public string? ProcessSpace { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"process {ProcessId} on host {Hostname}{(Pod is null ? "" : $" (pod {Pod})")}, "
        + $"user {Username}, since {Since:u}, lock {LockId[..Math.Min(8, LockId.Length)]}";
}

/// <summary>
/// Our own lock vanished or could not be refreshed in time, so the files that it protected may have changed. Nothing
/// more was written.
/// </summary>
public sealed class LockLostException(string location, string reason)
    : RepositoryException($"{location}: our lock is lost: {reason}; the operation was stopped, start it again");

/// <summary>
/// The repository has changed since a plan was made of it, so that carrying it out might destroy something. Nothing was
/// deleted.
/// </summary>
public sealed class PlanOutdatedException(string location, string reason)
    : RepositoryException($"{location}: {reason}; nothing was deleted, start it again");

/// <summary>
/// A store removed the old config, then accepted neither the new one nor the old one back. Without it nobody can open
/// the repository.
/// </summary>
public sealed class ConfigNotRestoredException(string location, string file, Exception innerException)
    : RepositoryException(
        $"{location}: the new config could not be stored and the old one could not be put back "
            + $"({innerException.Message}); it is in {file}: copy that to the repository's file 'config'",
        innerException
    )
{
    /// <summary>The local file with the old config.</summary>
    public string File { get; } = file;
}

/// <summary>A source ended without a single byte, and the backup does not allow that.</summary>
public sealed class EmptySourceException(string path)
    : RepositoryException($"{path}: the source ended without a single byte; nothing was recorded")
{
    /// <summary>The source's path in the snapshot.</summary>
    public string Path { get; } = path;
}
