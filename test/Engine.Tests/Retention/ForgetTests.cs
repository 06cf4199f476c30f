using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Retention;
using Granary.Engine.Tests.Maintenance;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Retention;

public sealed class ForgetTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_deletion_is_reported_and_the_others_go_on()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var faulty = new FaultyBackend(bench.Backend);
        var stuck = default(FileHandle?);
        faulty.Plan = (_, operation, file) =>
        {
            if (operation != StorageOperation.Delete || file?.Kind != FileKind.Snapshot)
            {
                return null;
            }

            stuck ??= file;
            return stuck == file ? Fault.Denied : null;
        };

        var result = await Bench.ForgetAsync(await bench.OpenAsync(faulty), keepLast: 1);

        Assert.Single(result.Removed);
        Assert.Equal(stuck?.Name, Assert.Single(result.Failed).Snapshot.Id.ToString());
        Assert.Equal(2, await bench.EverySnapshotRestoresAsync());
    }

    [Fact]
    public async Task A_policy_that_keeps_nothing_is_refused_and_nothing_is_deleted()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var open = await bench.OpenAsync();
        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        var policy = new RetentionPolicy
        {
            Tags =
            [
                ["never"],
            ],
        };

        Assert.Throws<RetentionRefusedException>(() =>
            ForgetPlan.For(snapshots, policy, SnapshotGrouping.Default, DateTimeOffset.UtcNow)
        );

        Assert.Equal(3, await bench.EverySnapshotRestoresAsync());
    }

    [Fact]
    public async Task Snapshots_that_are_named_go_whatever_a_policy_would_say()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var open = await bench.OpenAsync();
        await using var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        var newest = (await open.SnapshotsAsync(SnapshotFilter.All, Cancellation))[^1];

        var result = await open.ForgetAsync(ForgetPlan.Exactly([newest]), held, null, Cancellation);

        Assert.Equal(newest.Id, Assert.Single(result.Removed).Id);
        Assert.Equal(2, await bench.EverySnapshotRestoresAsync());
    }
}
