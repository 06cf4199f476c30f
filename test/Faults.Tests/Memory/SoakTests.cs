using Granary.Engine.Archiving;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Faults.Tests.Memory;

/// <summary>
/// Backups, dumps and prunes over and over in one process need no more memory in the end than after the first few.
/// </summary>
[Collection(nameof(SoakTests))]
[CollectionDefinition(nameof(SoakTests), DisableParallelization = true)]
public sealed class SoakTests
{
    private const int StreamLength = 96 << 20;
    private const int LargeObjects = 3;
    private const int PinnedObjects = 4;
    private const long Mebibyte = 1 << 20;

    private static readonly byte[] Block = SeededBytes.CopyText("soak", StreamLength);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Ten_minutes_need_no_more_memory_than_the_first_two()
    {
        var duration = TimeSpan.FromMinutes(
            double.Parse(Environment.GetEnvironmentVariable("GRANARY_SOAK_MINUTES") ?? "10")
        );
        using var folder = new TempDirectory();
        await using var place = Stores.Folder(folder["repository"]);
        await Repository.InitAsync(
            place.Backend,
            new Secret(Sample.Password),
            new InitOptions { Cost = new KeyCost(16, 1, 1) },
            Cancellation
        );
        var started = TimeProvider.System.GetTimestamp();
        var (early, late) = (Figures.Nothing, Figures.Nothing);
        var rounds = 0;
        for (TimeSpan elapsed; (elapsed = TimeProvider.System.GetElapsedTime(started)) < duration; rounds++)
        {
            await RoundAsync(place.Backend, rounds);
            var now = Figures.Now();
            early = elapsed < duration / 5 ? early.Or(now) : early;
            late = elapsed > duration / 2 ? late.Or(now) : late;
        }

        Console.WriteLine(
            $"soak of {duration.TotalMinutes:0.#} minutes, {rounds} rounds of {StreamLength / Mebibyte} MiB: most in "
                + $"the first fifth {early}; in the second half {late}"
        );
        Assert.True(rounds > 10, $"only {rounds} rounds");
        Assert.InRange(late.LargeObjects, 0, early.LargeObjects + (16 * Mebibyte));

        // How many buffers a round has out at its peak varies by some 20 MiB; one buffer of 8 MiB lost in each round
        // would make hundreds.
        Assert.InRange(late.LivePinned, 0, early.LivePinned + (64 * Mebibyte));
        Assert.InRange(late.PinnedObjects, 0, early.PinnedObjects + (64 * Mebibyte));
        Assert.InRange(late.Resident, 0, early.Resident + (96 * Mebibyte));
    }

    /// <summary>
    /// Backs a stream up of which a part is new each time, dumps it, and now and then forgets and prunes.
    /// </summary>
    private static async Task RoundAsync(IBackend backend, int number)
    {
        var open = await Sample.OpenAsync(backend);
        await using (var held = await open.LockAsync(LockMode.Shared, Sample.Living, Cancellation))
        {
            SeededBytes.Random($"round {number}", StreamLength / 16).CopyTo(Block, number % 16 * (StreamLength / 16));
            var indexed = await open.LoadIndexAsync(Cancellation);
            var result = await indexed.BackupAsync(
                [new BytesSource("db.sql", Block)],
                new BackupOptions { Hostname = "soak" },
                null,
                held,
                Cancellation
            );
            var snapshot = await open.SnapshotAsync(result.SnapshotId, Cancellation);
            var dumped = await indexed.DumpAsync(
                snapshot,
                "db.sql",
                Stream.Null,
                new DumpOptions(),
                null,
                Cancellation
            );
            Assert.Equal(StreamLength, dumped.Bytes);
        }

        if (number % 4 == 3)
        {
            await Sample.ForgetAsync(open, Sample.Living, keepLast: 2);
            await Sample.PruneAsync(open, Sample.Living);
        }

        Assert.Empty((await Sample.CheckFastAsync(open)).Errors);
    }

    /// <summary>
    /// The heaps' sizes after a collection, with the gaps that it leaves; what is alive of the pinned one; and the
    /// process's resident bytes.
    /// </summary>
    private readonly record struct Figures(long LargeObjects, long PinnedObjects, long LivePinned, long Resident)
    {
        public static Figures Nothing => default;

        public static Figures Now()
        {
            GC.Collect();
            var heaps = GC.GetGCMemoryInfo(GCKind.FullBlocking).GenerationInfo;
            var pinned = heaps[SoakTests.PinnedObjects];
            return new Figures(
                heaps[SoakTests.LargeObjects].SizeAfterBytes,
                pinned.SizeAfterBytes,
                pinned.SizeAfterBytes - pinned.FragmentationAfterBytes,
                Environment.WorkingSet
            );
        }

        public Figures Or(Figures other) =>
            new(
                Math.Max(LargeObjects, other.LargeObjects),
                Math.Max(PinnedObjects, other.PinnedObjects),
                Math.Max(LivePinned, other.LivePinned),
                Math.Max(Resident, other.Resident)
            );

        public override string ToString() =>
            $"{LargeObjects / Mebibyte} MiB of large objects, {PinnedObjects / Mebibyte} MiB pinned "
            + $"({LivePinned / Mebibyte} alive), {Resident / Mebibyte} MiB resident";
    }
}
