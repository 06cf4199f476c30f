using Granary.Engine.Ids;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Engine.Maintenance;

/// <summary>Carries out one prune. The order of its steps is what makes a kill at any instant harmless. Source: repository format §17, §22.</summary>
internal sealed class Pruner(PrunePlan plan, IProgress<MaintenanceProgress>? progress)
{
    private readonly OpenRepository _repository = plan.Indexed.Repository;
    private readonly RepositoryLock _heldLock = plan.HeldLock;

    public async Task<PruneResult> RunAsync(CancellationToken cancellationToken)
    {
        await _heldLock.ConfirmAsync(cancellationToken);
        await EnsureMayDeleteAsync(cancellationToken);
        var failed = new List<FailedDelete>(await DeleteAsync(plan.Unindexed, cancellationToken));
        var files = plan.Indexed.Index.Files;
        var repacked = plan.Repack.Count > 0 ? await new Repacker(plan, progress).RunAsync(cancellationToken) : 0;
        using var rewrite = new IndexRewrite(_repository, _heldLock, plan.Contents, progress);
        var gone = new HashSet<PackId>([.. plan.Unused, .. plan.Repack, .. plan.Missing]);
        if (gone.Count > 0)
        {
            await rewrite.ReplaceAsync(files, gone, cancellationToken);
            await rewrite.FinishAsync(cancellationToken);
        }

        // From here on no index names these packs.
        failed.AddRange(await DeleteAsync([.. plan.Unused, .. plan.Repack], cancellationToken));
        var leftovers = await _repository.Backend.RemoveLeftoversAsync(cancellationToken);
        var deleted = plan.Unindexed.Count + plan.Unused.Count + plan.Repack.Count - failed.Count;
        return new PruneResult(plan.Statistics, deleted, repacked, rewrite.Saved.Count, rewrite.Deleted, leftovers, failed);
    }

    // A store that only takes and never gives up (append-only, or rights of that kind) would keep a second copy of all that is repacked. It
    // says so when asked to delete a pack that cannot exist: no content has the hash zero.
    private Task EnsureMayDeleteAsync(CancellationToken cancellationToken) =>
        plan.IsEmpty ? Task.CompletedTask : _heldLock.Backend.DeleteAsync(new FileHandle(FileKind.Pack, default(PackId).ToString()), cancellationToken);

    private async Task<IReadOnlyList<FailedDelete>> DeleteAsync(IReadOnlyList<PackId> packs, CancellationToken cancellationToken)
    {
        if (packs.Count == 0)
        {
            return [];
        }

        await _heldLock.ConfirmAsync(cancellationToken);
        var files = packs.Select(pack => new FileHandle(FileKind.Pack, pack.ToString())).ToList();
        return await UnderLock.DeleteAsync(_heldLock, files, new StepCounter(progress, MaintenanceStep.DeletePacks, files.Count), cancellationToken);
    }
}
