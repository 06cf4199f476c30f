using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Checking;

/// <summary>Looking for damage.</summary>
public static class CheckExtensions
{
    /// <summary>
    /// Checks keys, indexes, packs, snapshots and trees, and reads packs in full as far as the options say. Source:
    /// repository format §18.
    /// </summary>
    /// <remarks>
    /// Damage is reported, never thrown; each damaged thing is read twice first, as damage on the way is gone the
    /// second time. Memory: the index, 4 bytes and a bit for each blob, and a pack for each processor with
    /// <see cref="CheckOptions.ReadData"/>.
    /// </remarks>
    /// <param name="repository">The repository.</param>
    /// <param name="options">The parts to look at.</param>
    /// <param name="heldLock">
    /// An exclusive lock: beside a writer, data on its way would look lost. Null only where nobody writes.
    /// </param>
    /// <param name="progress">Called after each index file, snapshot and pack.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Granary.Storage.StorageException">The store cannot be read, so nothing is known.</exception>
    public static Task<CheckReport> CheckAsync(
        this OpenRepository repository,
        CheckOptions options,
        RepositoryLock? heldLock,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    ) =>
        UnderLock.RunAsync(
            heldLock,
            LockMode.Exclusive,
            token => new Checker(repository, options, progress).RunAsync(token),
            cancellationToken
        );
}
