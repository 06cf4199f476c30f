using Granary.Engine;
using Granary.Engine.Archiving;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Retention;
using Granary.Storage;
using Granary.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Faults.Tests.Clocks;

/// <summary>
/// The wall clock jumps while a repository is in use: nothing is lost, and nobody works under a lock that others may
/// take for dead.
/// </summary>
public sealed class ClockTests : IAsyncDisposable
{
    private static readonly Sample Sample = new();

    private readonly TempDirectory _folder = new();
    private readonly Place _place;
    private readonly JumpingTime _time = new(new ImpatientTime());

    public ClockTests() => _place = Stores.Folder(_folder["repository"]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _place.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(25)]
    [InlineData(60 * 24 * 400)]
    [InlineData(-25)]
    [InlineData(-60 * 24 * 400)]
    public async Task A_jump_during_a_backup_costs_nothing(int minutes)
    {
        await _place.PutAsync(await Sample.FilesAsync(2));
        var open = await Sample.OpenAsync(_place.Backend, _time);
        await using (var held = await open.LockAsync(LockMode.Shared, Sample.Living, Sample.Locking, Cancellation))
        {
            var first = held.Id;
            var source = new JumpingSource(Sample.Own("new"), () => _time.Jump(TimeSpan.FromMinutes(minutes)));
            var options = new BackupOptions
            {
                Hostname = "host-0",
                Tags = ["new"],
                Store = Sample.SmallPacks,
            };
            await (await open.LoadIndexAsync(Cancellation)).BackupAsync(
                [new BytesSource(Sample.CommonPath, Sample.Common), source],
                options,
                null,
                held,
                Cancellation
            );
            Assert.Equal(minutes > 0, held.Id != first);
        }

        Assert.Equal(3, (await Sample.EverySnapshotRestoresAsync(_place.Backend)).Count);
        Assert.DoesNotContain(await _place.FilesAsync(), file => file.Kind == FileKind.Lock);
        await Proof.ResticFindsNoErrorAsync(_place, Cancellation);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_jump_during_forget_and_prune_removes_what_the_plan_said_and_nothing_else(int minutes)
    {
        await _place.PutAsync(await Sample.FilesAsync(3));
        var open = await Sample.OpenAsync(_place.Backend, _time);
        await using (var held = await open.LockAsync(LockMode.Exclusive, Sample.Living, Sample.Locking, Cancellation))
        {
            var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
            var plan = ForgetPlan.For(
                snapshots,
                new RetentionPolicy { Last = 2 },
                SnapshotGrouping.Default,
                _time.GetUtcNow()
            );
            _time.Jump(TimeSpan.FromMinutes(minutes));
            Assert.Equal(
                snapshots[0].Id,
                Assert.Single((await open.ForgetAsync(plan, held, null, Cancellation)).Removed).Id
            );
            var pruning = await open.PlanPruneAsync(
                new PruneOptions { MaxUnused = UnusedLimit.Bytes(0) },
                held,
                null,
                Cancellation
            );
            _time.Jump(TimeSpan.FromMinutes(-2 * minutes));
            Assert.Empty((await open.PruneAsync(pruning, held, null, Cancellation)).Failed);
        }

        Assert.Equal(["1", "2"], await Sample.EverySnapshotRestoresAsync(_place.Backend));
        await Proof.ResticFindsNoErrorAsync(_place, Cancellation);
    }

    [Fact]
    public async Task A_forget_by_age_with_a_clock_far_ahead_keeps_the_latest_span()
    {
        await _place.PutAsync(await Sample.FilesAsync(3));
        _time.Jump(TimeSpan.FromDays(4000));
        var open = await Sample.OpenAsync(_place.Backend, _time);
        await using (var held = await open.LockAsync(LockMode.Exclusive, Sample.Living, Sample.Locking, Cancellation))
        {
            var policy = new RetentionPolicy { Within = CalendarSpan.Parse("1d") };
            var plan = ForgetPlan.For(
                await open.SnapshotsAsync(SnapshotFilter.All, Cancellation),
                policy,
                SnapshotGrouping.Default,
                _time.GetUtcNow()
            );
            await open.ForgetAsync(plan, held, null, Cancellation);
        }

        Assert.Equal(["0", "1", "2"], await Sample.EverySnapshotRestoresAsync(_place.Backend));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_lock_that_cannot_be_refreshed_is_doubted_in_time_whatever_the_clock_on_the_wall_says(
        int minutes
    )
    {
        await _place.PutAsync(await Sample.FilesAsync(1));
        var even = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var time = new JumpingTime(even);
        var faulty = new FaultyBackend(_place.Backend);
        var open = await Sample.OpenAsync(faulty, time);
        var locking = open.LockAsync(LockMode.Shared, Sample.Living, Cancellation);
        await PassAsync(even, TimeSpan.FromMilliseconds(50), () => locking.IsCompleted);
        await using var held = await locking;

        // Refreshing fails for longer than others need to take the lock for dead, and somebody does and removes it.
        faulty.Plan = (_, operation, file) =>
            operation == StorageOperation.Save && file?.Kind == FileKind.Lock ? Fault.Error : null;
        time.Jump(TimeSpan.FromMinutes(minutes));
        for (var minute = 0; minute < 24; minute++)
        {
            even.Advance(TimeSpan.FromMinutes(1));
        }

        await (await Sample.OpenAsync(_place.Backend)).UnlockAllAsync(Cancellation);
        var indexed = await open.LoadIndexAsync(Cancellation);
        var options = new BackupOptions { Hostname = "host-0", Tags = ["new"] };
        var backup = indexed.BackupAsync(
            [new BytesSource(Sample.OwnPath, Sample.Own("new"))],
            options,
            null,
            held,
            Cancellation
        );
        await PassAsync(even, TimeSpan.FromMilliseconds(50), () => backup.IsCompleted);

        await Assert.ThrowsAsync<LockLostException>(() => backup);
        Assert.DoesNotContain(faulty.Log, each =>
            each
                is {
                    Operation: StorageOperation.Save,
                    Handle.Kind: FileKind.Pack or FileKind.Index or FileKind.Snapshot
                }
        );
    }

    private static async Task PassAsync(FakeTimeProvider time, TimeSpan step, Func<bool> until)
    {
        while (!until())
        {
            time.Advance(step);
            await Task.Delay(1, Cancellation);
        }
    }

    /// <summary>A source in the middle of which something happens.</summary>
    private sealed class JumpingSource(byte[] content, Action happens) : ISource
    {
        public string Path => Sample.OwnPath;

        public Task<Stream> OpenAsync(CancellationToken cancellationToken)
        {
            happens();
            return Task.FromResult<Stream>(new MemoryStream(content, writable: false));
        }

        public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
