using Granary.Engine.Checking;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Retention;
using Granary.Engine.Tests.Maintenance;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Pruning;

public sealed class PruneTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_no_snapshot_needs_goes_and_the_rest_stays(int version)
    {
        var bench = await Bench.WithThreeBackupsAsync(version);
        var before = bench.Backend.Files.Values.Sum(content => (long)content.Length);
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 1);

        var result = await Bench.PruneAsync(await bench.OpenAsync());

        var after = bench.Backend.Files.Values.Sum(content => (long)content.Length);
        Assert.Equal(1, await bench.EverySnapshotRestoresAsync());
        Assert.InRange(after, Bench.Common.Length + Bench.OwnLength, Bench.Common.Length + Bench.OwnLength + 20_000);
        Assert.True(result.BlobsRepacked > 0);
        Assert.InRange(result.Statistics.BytesFreed, before - after - 50_000, before - after + 50_000);
        var report = await Bench.CheckAsync(await bench.OpenAsync());
        Assert.Empty(report.Errors);
        Assert.Empty(report.Hints);
        Assert.Empty(report.UnreferencedPacks);
    }

    [Fact]
    public async Task A_second_prune_finds_nothing_to_do()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 2);
        await Bench.PruneAsync(await bench.OpenAsync());
        var files = bench.Backend.Files.Keys.ToHashSet();

        var again = await Bench.PruneAsync(await bench.OpenAsync());

        Assert.Equal(0, again.PacksDeleted);
        Assert.Equal(0, again.BlobsRepacked);
        Assert.True(files.SetEquals(bench.Backend.Files.Keys));
    }

    [Fact]
    public async Task New_indexes_are_saved_before_old_ones_are_deleted_and_packs_are_deleted_last()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 1);
        var indexed = bench.Files(FileKind.Pack).ToHashSet();
        var faulty = new FaultyBackend(bench.Backend);

        await Bench.PruneAsync(await bench.OpenAsync(faulty));

        var log = faulty.Log.ToList();
        var lastSave = log.FindLastIndex(each =>
            each is { Operation: StorageOperation.Save, Handle.Kind: FileKind.Index or FileKind.Pack }
        );
        var firstIndexGone = log.FindIndex(each =>
            each is { Operation: StorageOperation.Delete, Handle.Kind: FileKind.Index }
        );
        var lastIndexGone = log.FindLastIndex(each =>
            each is { Operation: StorageOperation.Delete, Handle.Kind: FileKind.Index }
        );
        var firstPackGone = log.FindIndex(each =>
            each.Operation == StorageOperation.Delete && indexed.Contains(each.Handle ?? default)
        );
        Assert.True(
            lastSave >= 0 && lastSave < firstIndexGone,
            $"a file was saved at {lastSave}, an index deleted at {firstIndexGone}"
        );
        Assert.True(
            lastIndexGone < firstPackGone,
            $"an index was deleted at {lastIndexGone}, a pack at {firstPackGone}"
        );
    }

    [Fact]
    public async Task A_listing_that_hides_the_snapshots_prunes_nothing()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var faulty = new FaultyBackend(bench.Backend);
        var open = await bench.OpenAsync(faulty);
        await using var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        var files = bench.Files(FileKind.Pack).Concat(bench.Files(FileKind.Index)).ToHashSet();
        faulty.Fail(StorageOperation.List, 1, Fault.NotFound);
        var plan = await open.PlanPruneAsync(new PruneOptions(), held, progress: null, Cancellation);
        Assert.NotEmpty(plan.Unused);

        var refusal = await Assert.ThrowsAsync<PlanOutdatedException>(() =>
            open.PruneAsync(plan, held, progress: null, Cancellation)
        );

        Assert.Contains("was not listed", refusal.Message, StringComparison.Ordinal);
        Assert.True(files.SetEquals(bench.Files(FileKind.Pack).Concat(bench.Files(FileKind.Index))));
    }

    [Fact]
    public async Task A_snapshot_that_is_listed_and_denied_is_asked_for_again_and_never_pruned_away()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var faulty = new FaultyBackend(bench.Backend);
        var open = await bench.OpenAsync(faulty);
        await using var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        faulty.Fail(StorageOperation.Read, 1, Fault.NotFound);

        Assert.True((await open.PlanPruneAsync(new PruneOptions(), held, progress: null, Cancellation)).IsEmpty);

        faulty.Plan = (_, operation, file) =>
            operation == StorageOperation.Read && file?.Kind == FileKind.Snapshot ? Fault.NotFound : null;
        var failure = await Assert.ThrowsAsync<DamagedFileException>(() =>
            open.PlanPruneAsync(new PruneOptions(), held, progress: null, Cancellation)
        );
        Assert.Contains("it is listed", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packs_that_cannot_be_deleted_are_named_and_not_counted_as_freed()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 1);
        var old = bench.Files(FileKind.Pack).ToHashSet();
        var faulty = new FaultyBackend(bench.Backend)
        {
            Plan = (_, operation, file) =>
                operation == StorageOperation.Delete && old.Contains(file ?? default) ? Fault.Denied : null,
        };
        var before = bench
            .Backend.Files.Where(file => file.Key.Kind == FileKind.Pack)
            .Sum(file => (long)file.Value.Length);

        var result = await Bench.PruneAsync(await bench.OpenAsync(faulty));

        var after = bench
            .Backend.Files.Where(file => file.Key.Kind == FileKind.Pack)
            .Sum(file => (long)file.Value.Length);
        Assert.NotEmpty(result.Failed);
        Assert.All(result.Failed, failure => Assert.Contains("not allowed", failure.Reason, StringComparison.Ordinal));
        Assert.Equal(0, result.PacksDeleted);
        Assert.InRange(result.BytesFreed, before - after - 1_000, before - after + 1_000);
    }

    [Fact]
    public async Task No_pack_is_deleted_when_an_old_index_cannot_be_deleted()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 1);
        var packs = bench.Files(FileKind.Pack).ToList();
        var faulty = new FaultyBackend(bench.Backend)
        {
            Plan = (_, operation, file) =>
                operation == StorageOperation.Delete && file?.Kind == FileKind.Index ? Fault.Denied : null,
        };
        var open = await bench.OpenAsync(faulty);

        await Assert.ThrowsAsync<StorageException>(() => Bench.PruneAsync(open));

        Assert.All(packs, pack => Assert.True(bench.Backend.Files.ContainsKey(pack)));
        Assert.Equal(1, await bench.EverySnapshotRestoresAsync());
    }

    [Fact]
    public async Task A_store_that_lists_late_is_pruned_right_after_a_forget()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var open = await bench.OpenAsync(new LateListingBackend(bench.Backend));
        await Bench.ForgetAsync(open, keepLast: 1);

        var result = await Bench.PruneAsync(open);

        Assert.True(result.PacksDeleted > 0);
        Assert.Equal(1, await bench.EverySnapshotRestoresAsync());
        Assert.True((await Bench.CheckAsync(await bench.OpenAsync())).IsSound);
    }

    [Fact]
    public async Task A_store_that_cannot_look_for_leftovers_does_not_make_a_prune_fail()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 1);

        var result = await Bench.PruneAsync(await bench.OpenAsync(new NoLeftovers(bench.Backend)));

        Assert.True(result.PacksDeleted > 0);
        Assert.Equal(0, result.Leftovers);
        Assert.Equal(1, await bench.EverySnapshotRestoresAsync());
    }

    [Fact]
    public async Task A_plan_changes_nothing_and_tells_what_it_would_free()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 1);
        var orphan = new FileHandle(FileKind.Pack, Sha256Id.Of([1]).ToString());
        bench.Backend.Files[orphan] = new byte[1000];
        var open = await bench.OpenAsync();
        var files = bench.Backend.Files.Keys.ToHashSet();

        PrunePlan plan;
        await using (var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation))
        {
            plan = await open.PlanPruneAsync(new PruneOptions(), held, null, Cancellation);
        }

        Assert.True(files.SetEquals(bench.Backend.Files.Keys));
        Assert.Equal(orphan.Name, Assert.Single(plan.Unindexed).ToString());
        Assert.Equal(1000, plan.Statistics.BytesUnindexed);
        Assert.InRange(plan.Statistics.BytesFreed, 2 * Bench.OwnLength, (2 * Bench.OwnLength) + 20_000);
        Assert.True(plan.Statistics.BlobsUsed > 0 && plan.Statistics.BlobsUnused > 0);
    }

    [Fact]
    public async Task A_plan_is_worth_nothing_under_another_lock()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var open = await bench.OpenAsync();
        PrunePlan plan;
        await using (var first = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation))
        {
            plan = await open.PlanPruneAsync(new PruneOptions(), first, null, Cancellation);
        }

        await using var second = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        await Assert.ThrowsAsync<ArgumentException>(() => open.PruneAsync(plan, second, null, Cancellation));
    }

    [Fact]
    public async Task A_shared_lock_is_not_enough()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var open = await bench.OpenAsync();
        await using var held = await open.LockAsync(LockMode.Shared, Bench.Owner, Cancellation);
        var plan = await open.PlanPruneAsync(new PruneOptions(), held, null, Cancellation);

        await Assert.ThrowsAsync<ArgumentException>(() => open.PruneAsync(plan, held, null, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            open.ForgetAsync(ForgetPlan.Exactly([]), held, null, Cancellation)
        );
        await Assert.ThrowsAsync<ArgumentException>(() =>
            open.CheckAsync(new CheckOptions(), held, null, Cancellation)
        );
    }

    [Fact]
    public async Task A_removed_lock_stops_a_prune_before_it_deletes()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 1);
        var files = bench.Backend.Files.Keys.ToHashSet();
        var open = await bench.OpenAsync();
        await using var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        var plan = await open.PlanPruneAsync(new PruneOptions(), held, null, Cancellation);
        await open.UnlockAllAsync(Cancellation);

        await Assert.ThrowsAsync<LockLostException>(() => open.PruneAsync(plan, held, null, Cancellation));

        Assert.True(files.SetEquals(bench.Backend.Files.Keys));
    }

    [Fact]
    public async Task A_missing_pack_that_a_snapshot_needs_refuses_the_prune_and_is_named()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var lost = await PackWithDataAsync(bench);
        bench.Backend.Files.Remove(lost);
        var files = bench.Backend.Files.Keys.ToHashSet();

        var open = await bench.OpenAsync();
        var damaged = await Assert.ThrowsAsync<DamagedPackException>(() => Bench.PruneAsync(open));

        Assert.Equal(lost.Name, damaged.Pack);
        Assert.True(files.SetEquals(bench.Backend.Files.Keys));
    }

    [Fact]
    public async Task Unused_data_within_the_limit_is_not_copied_around()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 2);

        var result = await Bench.PruneAsync(
            await bench.OpenAsync(),
            new PruneOptions { MaxUnused = UnusedLimit.Unlimited, SmallerThan = 1 }
        );

        Assert.Equal(0, result.BlobsRepacked);
        Assert.True(result.Statistics.BytesUnusedAfter > 0);
        Assert.Equal(2, await bench.EverySnapshotRestoresAsync());
    }

    [Fact]
    public async Task A_repack_limit_of_zero_repacks_nothing()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        await Bench.ForgetAsync(await bench.OpenAsync(), keepLast: 2);

        var result = await Bench.PruneAsync(
            await bench.OpenAsync(),
            new PruneOptions { MaxUnused = UnusedLimit.Bytes(0), MaxRepackBytes = 0 }
        );

        Assert.Equal(0, result.BlobsRepacked);
        Assert.Equal(2, await bench.EverySnapshotRestoresAsync());
    }

    [Fact]
    public async Task Small_packs_are_joined_when_asked_for()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var before = bench.Files(FileKind.Pack).Count();

        await Bench.PruneAsync(await bench.OpenAsync(), new PruneOptions { RepackSmall = true });

        Assert.InRange(bench.Files(FileKind.Pack).Count(), 2, before / 2);
        Assert.Equal(3, await bench.EverySnapshotRestoresAsync());
    }

    private static async Task<FileHandle> PackWithDataAsync(Bench bench)
    {
        var indexed = await (await bench.OpenAsync()).LoadIndexAsync(Cancellation);
        var place = indexed.Index.Entries().First(each => each.Entry.Blob.Type == BlobType.Data);
        return new FileHandle(FileKind.Pack, place.Pack.ToString());
    }

    private sealed class NoLeftovers(IBackend inner) : DelegatingBackend(inner)
    {
        public override Task<int> RemoveLeftoversAsync(CancellationToken cancellationToken) =>
            throw new StorageException(StorageError.Invalid, Location, null, "no such request");
    }
}
