using System.Runtime.ExceptionServices;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;

namespace Granary.Engine.Pruning;

/// <summary>Removing data that no snapshot needs. Source: repository format §17.</summary>
public static class PruneExtensions
{
    /// <summary>Finds the data that no snapshot needs, and plans its removal. Changes nothing.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="options">How thorough.</param>
    /// <param name="heldLock">
    /// The lock under which the plan will be carried out: an exclusive one. For a dry run any, or none where nobody
    /// writes.
    /// </param>
    /// <param name="progress">Called after each snapshot.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="RepositoryException">
    /// A snapshot or an index cannot be read, or something that a snapshot needs is missing: run check.
    /// </exception>
    public static Task<PrunePlan> PlanPruneAsync(
        this OpenRepository repository,
        PruneOptions options,
        RepositoryLock? heldLock,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    ) =>
        UnderLock.RunAsync(
            heldLock,
            LockMode.Shared,
            async token =>
            {
                // Snapshots first: under a shared lock one may appear meanwhile, and then the index that is read later
                // knows its blobs.
                var snapshots = await repository.SnapshotsAsync(SnapshotFilter.All, token);
                var indexed = await repository.LoadIndexAsync(token);
                var reachable = new ReachableBlobs(indexed);
                await reachable.MarkAsync(
                    [.. snapshots.Where(snapshot => !options.Without.Contains(snapshot.Id))],
                    (_, fault) => ExceptionDispatchInfo.Throw(fault),
                    progress,
                    token
                );
                var stored = await repository.Stored.PacksAsync(token);
                var usage = new UsageCount(indexed.Index, reachable.Contains, stored);
                return new PrunePlanner(indexed, options, usage, stored).Plan(
                    snapshots.Select(snapshot => snapshot.Id).ToHashSet(),
                    new PackContents(indexed.Index),
                    heldLock
                );
            },
            cancellationToken
        );

    /// <summary>
    /// Carries a plan out: copies used blobs into new packs, saves every new index, deletes the replaced ones, and only
    /// then deletes packs.
    /// </summary>
    /// <remarks>
    /// Killed at any instant it leaves every snapshot whole; the next prune goes on. An index that was loaded before is
    /// out of date afterwards.
    /// </remarks>
    /// <param name="repository">The repository.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="heldLock">The exclusive lock under which the plan was made.</param>
    /// <param name="progress">Called after each pack.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArgumentException">
    /// The plan was made under another lock: the repository may have changed since. Or it leaves out snapshots.
    /// </exception>
    /// <exception cref="PlanOutdatedException">The store lists a snapshot that the plan does not know of.</exception>
    /// <exception cref="RepositoryException">
    /// A blob in use cannot be read, or the lock was lost. Nothing that a snapshot needs was deleted.
    /// </exception>
    public static Task<PruneResult> PruneAsync(
        this OpenRepository repository,
        PrunePlan plan,
        RepositoryLock heldLock,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (!ReferenceEquals(plan.HeldLock, heldLock) || !ReferenceEquals(plan.Indexed.Repository, repository))
        {
            throw new ArgumentException(
                "The plan was made under another lock, or of another repository.",
                nameof(plan)
            );
        }

        if (plan.Options.Without.Count > 0)
        {
            throw new ArgumentException(
                "The plan leaves out snapshots that exist; it would destroy them.",
                nameof(plan)
            );
        }

        return UnderLock.RunAsync(
            heldLock,
            LockMode.Exclusive,
            token => new Pruner(plan, heldLock, progress).RunAsync(token),
            cancellationToken
        );
    }
}
