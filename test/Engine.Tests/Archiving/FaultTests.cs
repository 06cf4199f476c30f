using Granary.Engine.Archiving;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Archiving;

/// <summary>
/// A backup may be killed between any two operations on the store: what is listed afterwards is whole.
/// </summary>
public sealed class FaultTests
{
    private static readonly byte[] Content = SeededBytes.Random("faults", 4_000_000);
    private static readonly StoreOptions SmallPacks = new() { PackSize = 1 << 20 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Fault.Denied)]
    [InlineData(Fault.Full)]
    [InlineData(Fault.Late)]
    public async Task Whatever_operation_fails_no_half_snapshot_appears_and_the_next_backup_works(Fault fault)
    {
        var sound = await TestRepository.CreateAsync();
        await sound.BackupAsync(SeededBytes.Random("before", 1_000_000));
        var failures = 0;
        for (var number = 1; number < 200; number++)
        {
            var backend = sound.Copy();
            var faulty = new FaultyBackend(backend);
            var open = await TestRepository.OpenThroughAsync(faulty);
            faulty.FailOperation(number, fault);
            var failed = await Record.ExceptionAsync(() =>
                TestRepository.BackupAsync(open, [new TestSource("db.sql", Content)], SmallPacks)
            );
            Assert.Equal(0, open.Buffers.Rented);
            if (failed is null && number > faulty.Log.Count)
            {
                Assert.True(failures > 8, $"only {failures} operations failed");
                return;
            }

            Assert.True(failed is null or StorageException, failed?.ToString());
            failures += failed is null ? 0 : 1;
            await EveryListedSnapshotIsWholeAsync(sound, backend);
        }

        Assert.Fail("The backup never ended.");
    }

    private static async Task EveryListedSnapshotIsWholeAsync(TestRepository sound, MemoryBackend backend)
    {
        var open = await TestRepository.OpenThroughAsync(backend);
        await open.UnlockAllAsync(Cancellation);
        var next = await TestRepository.BackupAsync(open, [new TestSource("db.sql", Content)], SmallPacks);
        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        var indexed = await open.LoadIndexAsync(Cancellation);
        foreach (var snapshot in snapshots)
        {
            await indexed.VerifySnapshotAsync(snapshot.Id, Cancellation);
        }

        Assert.InRange(snapshots.Count, 2, 3);
        Assert.Equal(
            Content,
            await TestRepository.DumpAsync(open, snapshots.Single(snapshot => snapshot.Id == next.SnapshotId))
        );
    }
}
