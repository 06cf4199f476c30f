using Granary.Access;
using Granary.Engine;
using Granary.Engine.Checking;
using Granary.Engine.Maintenance;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Retention;

namespace Granary.Worker.Steps.Maintenance;

/// <summary>What retention did.</summary>
/// <param name="Kept">Snapshots that stay.</param>
/// <param name="Removed">Snapshots that were removed; with a dry run those that would be.</param>
/// <param name="BytesFreed">What a prune gave back; null where none ran.</param>
internal sealed record RetentionOutcome(int Kept, int Removed, long? BytesFreed);

/// <summary>What a check found.</summary>
/// <param name="Problems">What is wrong; empty when the repository is sound.</param>
/// <param name="WasWhole">Whether all was looked at, or only the newest snapshots because others were writing.</param>
internal sealed record CheckOutcome(IReadOnlyList<string> Problems, bool WasWhole);

/// <summary>What a repository holds.</summary>
/// <param name="Snapshots">Number of snapshots.</param>
/// <param name="Bytes">Stored size of everything that a snapshot needs.</param>
internal sealed record RepositorySize(long Snapshots, long Bytes);

/// <summary>Looks after a repository at the end of a session: retention, check, size.</summary>
internal sealed class RepositoryMaintenance(RepositoryAccess access, TimeProvider time)
{
    /// <summary>
    /// Removes the snapshots of an invoker that a policy does not keep, over all hosts, and if asked to the data that
    /// only they needed. What others made in the repository is left alone.
    /// </summary>
    /// <exception cref="RetentionRefusedException">
    /// It would keep nothing of some host; nothing was removed then.
    /// </exception>
    /// <exception cref="StepFailedException">Some snapshots or packs could not be deleted.</exception>
    public async Task<RetentionOutcome> RetainAsync(
        OpenRepository repository,
        SnapshotOwner owner,
        RetentionPolicy policy,
        bool prune,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        var mode = isDryRun ? LockMode.Shared : LockMode.Exclusive;
        await using var held = await access.LockAsync(
            repository,
            mode,
            RepositoryAccess.LockPatience,
            cancellationToken
        );
        var plan = ForgetPlan.For(
            owner.OwnOf(await repository.SnapshotsAsync(SnapshotFilter.All, cancellationToken)),
            policy,
            SnapshotGrouping.Default,
            time.GetUtcNow()
        );
        var (kept, removed) = (plan.Keep.Count(), plan.Remove.Count());
        if (isDryRun || removed == 0)
        {
            return new(kept, removed, null);
        }

        var forgotten = await repository.ForgetAsync(plan, held, progress: null, cancellationToken);
        if (forgotten.Failed is [var failure, ..])
        {
            throw new StepFailedException(
                $"{forgotten.Failed.Count} of {removed} snapshots could not be removed: {failure.Reason}"
            );
        }

        return new(kept, removed, prune ? await PruneAsync(repository, held, cancellationToken) : null);
    }

    /// <summary>
    /// Checks the whole repository if nobody writes to it, else the newest snapshot of each host, which needs no
    /// exclusive lock.
    /// </summary>
    public async Task<CheckOutcome> CheckAsync(OpenRepository repository, CancellationToken cancellationToken)
    {
        try
        {
            await using var held = await access.LockAsync(
                repository,
                LockMode.Exclusive,
                TimeSpan.Zero,
                cancellationToken
            );
            var report = await repository.CheckAsync(new CheckOptions(), held, progress: null, cancellationToken);
            return new([.. report.Errors.Select(error => error.ToString())], WasWhole: true);
        }
        catch (RepositoryLockedException)
        {
            // Another session uses the repository. Its backup must not make this one look bad.
        }

        await using var shared = await access.LockAsync(
            repository,
            LockMode.Shared,
            RepositoryAccess.LockPatience,
            cancellationToken
        );
        return new(await NewestAsync(repository, cancellationToken), WasWhole: false);
    }

    /// <summary>Counts snapshots and the bytes that they need.</summary>
    public async Task<RepositorySize> SizeAsync(OpenRepository repository, CancellationToken cancellationToken)
    {
        await using var held = await access.LockAsync(
            repository,
            LockMode.Shared,
            RepositoryAccess.LockPatience,
            cancellationToken
        );
        var snapshots = await repository.SnapshotsAsync(SnapshotFilter.All, cancellationToken);
        var index = await repository.LoadIndexAsync(cancellationToken);
        var stats = await index.StatsAsync(snapshots, StatsMode.RawData, progress: null, cancellationToken);
        return new(snapshots.Count, stats.TotalSize);
    }

    private static async Task<long> PruneAsync(
        OpenRepository repository,
        RepositoryLock held,
        CancellationToken cancellationToken
    )
    {
        var plan = await repository.PlanPruneAsync(new PruneOptions(), held, progress: null, cancellationToken);
        if (plan.IsEmpty)
        {
            return 0;
        }

        var result = await repository.PruneAsync(plan, held, progress: null, cancellationToken);
        return result.Failed is [var failure, ..]
            ? throw new StepFailedException(
                $"{result.Failed.Count} packs that nothing needs could not be deleted: {failure.File}: {failure.Reason}"
            )
            : result.BytesFreed;
    }

    private static async Task<List<string>> NewestAsync(OpenRepository repository, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var snapshots = await repository.SnapshotsAsync(SnapshotFilter.All, cancellationToken);
        var index = await repository.LoadIndexAsync(cancellationToken);
        foreach (
            var newest in snapshots
                .GroupBy(snapshot => snapshot.Record.Hostname, StringComparer.Ordinal)
                .Select(host => host.MaxBy(snapshot => snapshot.Record.Time))
        )
        {
            try
            {
                await index.VerifySnapshotAsync(newest!.Id, cancellationToken); // A group is never empty.
            }
            catch (RepositoryException e)
            {
                problems.Add($"snapshot {newest!.Id.Short}: {e.Message}");
            }
        }

        return problems;
    }
}
