using Granary.Engine.Ids;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Retention;

/// <summary>Removing snapshots. The data that only they needed stays until a prune.</summary>
public static class ForgetExtensions
{
    /// <summary>
    /// Deletes the snapshots that a plan removes, in parallel, and goes on past failures. Source: repository format
    /// §12.5.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="plan">The snapshots to remove; made from a listing under the same lock.</param>
    /// <param name="heldLock">An exclusive lock.</param>
    /// <param name="progress">Called after each snapshot.</param>
    /// <param name="cancellationToken">Stops it; snapshots that are deleted by then stay deleted.</param>
    /// <exception cref="LockLostException">The lock was lost; nothing was deleted after that.</exception>
    public static Task<ForgetResult> ForgetAsync(
        this OpenRepository repository,
        ForgetPlan plan,
        RepositoryLock heldLock,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(repository);
        return UnderLock.RunAsync(
            heldLock,
            LockMode.Exclusive,
            async token =>
            {
                var remove = plan.Remove.ToDictionary(snapshot => new FileHandle(
                    FileKind.Snapshot,
                    snapshot.Id.ToString()
                ));
                var failed = await DeleteAsync(repository, remove.Keys, heldLock, progress, token);
                var failures = failed.Select(each => new ForgetFailure(remove[each.File], each.Reason)).ToList();
                return new ForgetResult([.. remove.Values.Except(failures.Select(each => each.Snapshot))], failures);
            },
            cancellationToken
        );
    }

    /// <summary>
    /// Deletes snapshots by their ids without reading them, as is needed for damaged ones, and goes on past failures.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="snapshots">Whole ids.</param>
    /// <param name="heldLock">An exclusive lock.</param>
    /// <param name="cancellationToken">Stops it; snapshots that are deleted by then stay deleted.</param>
    /// <returns>The files that may still be there, and why.</returns>
    /// <exception cref="LockLostException">The lock was lost; nothing was deleted after that.</exception>
    public static Task<IReadOnlyList<FailedDelete>> ForgetUnreadAsync(
        this OpenRepository repository,
        IReadOnlyCollection<SnapshotId> snapshots,
        RepositoryLock heldLock,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(repository);
        return UnderLock.RunAsync(
            heldLock,
            LockMode.Exclusive,
            async token =>
            {
                List<FileHandle> files = [.. snapshots.Select(id => new FileHandle(FileKind.Snapshot, id.ToString()))];
                return await DeleteAsync(repository, files, heldLock, progress: null, token);
            },
            cancellationToken
        );
    }

    private static async Task<IReadOnlyList<FailedDelete>> DeleteAsync(
        OpenRepository repository,
        IReadOnlyCollection<FileHandle> files,
        RepositoryLock heldLock,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (files.Count == 0)
        {
            return [];
        }

        await heldLock.ConfirmAsync(cancellationToken);
        var failed = await UnderLock.DeleteAsync(
            heldLock,
            files,
            new StepCounter(progress, MaintenanceStep.DeleteSnapshots, files.Count),
            cancellationToken
        );
        foreach (var file in files.Except(failed.Select(each => each.File)))
        {
            repository.NoteDeleted(new SnapshotId(Sha256Id.Parse(file.Name)));
        }

        return failed;
    }
}

/// <summary>The result of a forget.</summary>
/// <param name="Removed">Snapshots that are gone.</param>
/// <param name="Failed">Snapshots whose deletion failed; they may be there or not.</param>
public sealed record ForgetResult(IReadOnlyList<Snapshot> Removed, IReadOnlyList<ForgetFailure> Failed);

/// <summary>A snapshot that could not be deleted, as far as the store said.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Reason">The store's words.</param>
public sealed record ForgetFailure(Snapshot Snapshot, string Reason);
