using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Worker.Repositories;

/// <summary>What retention did.</summary>
/// <param name="Kept">Snapshots that stay.</param>
/// <param name="Removed">Snapshots that were removed; with a dry run those that would be.</param>
internal sealed record RetentionOutcome(int Kept, int Removed);

/// <summary>What a check found.</summary>
/// <param name="Problems">What is wrong; empty when the repository is sound.</param>
internal sealed record CheckOutcome(IReadOnlyList<string> Problems);

/// <summary>What a repository holds.</summary>
/// <param name="Snapshots">Number of snapshots.</param>
/// <param name="Bytes">Size of the stored packs.</param>
internal sealed record RepositorySize(long Snapshots, long Bytes);

/// <summary>Looks after a repository: retention, check, size.</summary>
internal sealed class RepositoryMaintenance(RepositoryAccess access, TimeProvider time)
{
    /// <summary>Removes the snapshots that a policy does not keep, over all hosts.</summary>
    /// <exception cref="RetentionRefusedException">It would keep nothing of some host; nothing was removed then.</exception>
    public async Task<RetentionOutcome> ForgetAsync(
        OpenRepository repository, RetentionPolicy policy, SnapshotGrouping grouping, SnapshotFilter filter, bool isDryRun, CancellationToken cancellationToken)
    {
        var mode = isDryRun ? LockMode.Shared : LockMode.Exclusive;
        await using var held = await access.LockAsync(repository, mode, RepositoryAccess.LockPatience, cancellationToken);
        var snapshots = await repository.SnapshotsAsync(filter, cancellationToken);
        var plan = ForgetPlan.For(snapshots, policy, grouping, time.GetUtcNow());
        if (isDryRun)
        {
            return new(plan.Keep.Count(), plan.Remove.Count());
        }

        var result = await repository.ForgetAsync(plan, held, progress: null, cancellationToken);
        return result.Failed.Count == 0
            ? new(plan.Keep.Count(), result.Removed.Count)
            : throw new StepFailedException($"{result.Failed.Count} of {plan.Remove.Count()} snapshots could not be removed: {result.Failed[0].Reason}");
    }

    /// <summary>Reads every snapshot and its trees back, and looks for everything they need.</summary>
    public static async Task<CheckOutcome> CheckAsync(OpenRepository repository, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var snapshots = await repository.SnapshotsAsync(SnapshotFilter.All, cancellationToken);
        var index = await repository.LoadIndexAsync(cancellationToken);
        foreach (var snapshot in snapshots)
        {
            try
            {
                await index.VerifySnapshotAsync(snapshot.Id, cancellationToken);
            }
            catch (Engine.RepositoryException e)
            {
                problems.Add($"snapshot {snapshot.Id.Short}: {e.Message}");
            }
        }

        return new(problems);
    }

    /// <summary>Counts snapshots and stored bytes.</summary>
    public async Task<RepositorySize> SizeAsync(OpenRepository repository, CancellationToken cancellationToken)
    {
        var snapshots = await repository.SnapshotsAsync(SnapshotFilter.All, cancellationToken);
        var bytes = 0L;
        await foreach (var pack in access.Backend.ListAsync(FileKind.Pack, cancellationToken))
        {
            bytes += pack.Size;
        }

        return new(snapshots.Count, bytes);
    }
}
