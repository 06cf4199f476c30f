using Granary.Engine.Ids;
using Granary.Engine.Maintenance;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Pruning;

/// <summary>
/// Carries out one prune. The order of its steps makes a kill at any instant harmless. Source: repository format §17,
/// §22.
/// </summary>
internal sealed class Pruner(PrunePlan plan, RepositoryLock heldLock, IProgress<MaintenanceProgress>? progress)
{
    private readonly OpenRepository _repository = plan.Indexed.Repository;

    public async Task<PruneResult> RunAsync(CancellationToken cancellationToken)
    {
        await heldLock.ConfirmAsync(cancellationToken);
        await EnsureAllSnapshotsAreKnownAsync(cancellationToken);
        await EnsureMayDeleteAsync(cancellationToken);
        var failed = new List<FailedDelete>(await DeleteAsync(plan.Unindexed, cancellationToken));
        var files = plan.Indexed.Index.Files;
        var repacked =
            plan.Repack.Count > 0 ? await new Repacker(plan, heldLock, progress).RunAsync(cancellationToken) : 0;
        using var rewrite = new IndexRewrite(_repository, heldLock, plan.Contents, progress);
        var gone = new HashSet<PackId>([.. plan.Unused, .. plan.Repack, .. plan.Missing]);
        if (gone.Count > 0)
        {
            await rewrite.ReplaceAsync(files, gone, cancellationToken);
            await rewrite.FinishAsync(cancellationToken);
        }

        // From here on no index names these packs.
        failed.AddRange(await DeleteAsync([.. plan.Unused, .. plan.Repack], cancellationToken));
        var leftovers = await RemoveLeftoversAsync(cancellationToken);
        var deleted = plan.Unindexed.Count + plan.Unused.Count + plan.Repack.Count - failed.Count;
        var notFreed = failed.Sum(each => plan.Stored[new PackId(Sha256Id.Parse(each.File.Name))]);
        return new PruneResult(
            plan.Statistics,
            deleted,
            plan.Statistics.BytesFreed - notFreed,
            repacked,
            rewrite.Saved.Count,
            rewrite.Deleted,
            leftovers,
            failed
        );
    }

    // All that a prune is for is done by now. A store that does not know how to look for leftovers must not make it a
    // failure.
    private async Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _repository.Backend.RemoveLeftoversAsync(cancellationToken);
        }
        catch (StorageException e)
        {
            _repository.Logger.LeftoversStay(e.Message);
            return 0;
        }
    }

    // Nobody writes snapshots under our exclusive lock. So one that the plan does not know of was hidden from it: by a
    // listing that came short, or by a writer without a lock. The data that it needs would be deleted.
    private async Task EnsureAllSnapshotsAreKnownAsync(CancellationToken cancellationToken)
    {
        if (plan.IsEmpty)
        {
            return;
        }

        foreach (var name in await _repository.Stored.NamesAsync(FileKind.Snapshot, cancellationToken))
        {
            if (!plan.Snapshots.Contains(new SnapshotId(name)) && !_repository.HasDeleted(new SnapshotId(name)))
            {
                throw new PlanOutdatedException(
                    _repository.Backend.Location,
                    $"snapshot {new SnapshotId(name).Short} was not listed when the prune was planned"
                );
            }
        }
    }

    // A store that only takes and never gives up (append-only, or rights of that kind) would keep a second copy of all
    // that is repacked. It says so when asked to delete a pack that cannot exist: no content has the hash zero.
    private Task EnsureMayDeleteAsync(CancellationToken cancellationToken) =>
        plan.IsEmpty
            ? Task.CompletedTask
            : heldLock.Backend.DeleteAsync(
                new FileHandle(FileKind.Pack, default(PackId).ToString()),
                cancellationToken
            );

    private async Task<IReadOnlyList<FailedDelete>> DeleteAsync(
        IReadOnlyList<PackId> packs,
        CancellationToken cancellationToken
    )
    {
        if (packs.Count == 0)
        {
            return [];
        }

        await heldLock.ConfirmAsync(cancellationToken);
        var files = packs.Select(pack => new FileHandle(FileKind.Pack, pack.ToString())).ToList();
        return await UnderLock.DeleteAsync(
            heldLock,
            files,
            new StepCounter(progress, MaintenanceStep.DeletePacks, files.Count),
            cancellationToken
        );
    }
}
