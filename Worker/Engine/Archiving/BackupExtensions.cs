using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;

namespace Granary.Engine.Archiving;

/// <summary>Backing up into a repository whose index is loaded.</summary>
public static class BackupExtensions
{
    /// <summary>Reads the sources to their ends, stores all that is new, and writes a snapshot last.</summary>
    /// <remarks>
    /// If anything fails, the source included, no snapshot is written. The blobs that were stored and indexed so far
    /// serve the next backup.
    /// </remarks>
    /// <param name="repository">The repository.</param>
    /// <param name="sources">The sources, which are read one after the other. Their paths must differ.</param>
    /// <param name="options">The contents of the snapshot, and how blobs are stored.</param>
    /// <param name="progress">Called after each chunk.</param>
    /// <param name="heldLock">A lock of any mode on the same repository. Losing it stops the backup.</param>
    /// <param name="cancellationToken">Stops the backup.</param>
    /// <exception cref="EmptySourceException">A source had no byte and the options do not allow that.</exception>
    /// <exception cref="LockLostException">The lock vanished.</exception>
    public static Task<BackupResult> BackupAsync(
        this IndexedRepository repository,
        IReadOnlyList<ISource> sources,
        BackupOptions options,
        IProgress<BackupProgress>? progress,
        RepositoryLock heldLock,
        CancellationToken cancellationToken
    ) => new Archiver(repository, options, heldLock).RunAsync(sources, progress, cancellationToken);
}
