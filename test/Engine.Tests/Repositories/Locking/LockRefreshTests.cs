using Granary.Engine.Archiving;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Engine.Tests.Repositories.Locking;

public sealed class LockRefreshTests : LockTestBed
{
    [Fact]
    public async Task A_replaced_lock_that_cannot_be_deleted_is_deleted_later()
    {
        var made = await TestRepository.CreateAsync();
        var faulty = new FaultyBackend(made.Backend);
        var repository = await TestRepository.OpenThroughAsync(faulty, new OpenOptions { Time = _time });
        var held = await LockAsync(repository, LockMode.Shared, Self);
        var first = held.Id;
        faulty.Fail(StorageOperation.Delete, 1, Fault.Denied);

        _time.Advance(TimeSpan.FromMinutes(5));
        await Eventually.TrueAsync(
            "the new lock",
            () => Task.FromResult(held.Id != first),
            cancellationToken: Cancellation
        );
        Assert.Equal(2, Locks(made.Open).Count);
        await held.DisposeAsync();

        Assert.Empty(Locks(made.Open));
    }

    [Fact]
    public async Task Releasing_while_the_lock_is_being_replaced_leaves_no_lock()
    {
        var made = await TestRepository.CreateAsync();
        var silent = new SilentBackend(made.Backend);
        var repository = await TestRepository.OpenThroughAsync(silent, new OpenOptions { Time = _time });
        var held = await LockAsync(repository, LockMode.Shared, Self);

        silent.IsSilent = true;
        _time.Advance(TimeSpan.FromMinutes(5));
        await Eventually.TrueAsync(
            "the new lock",
            () => Task.FromResult(Locks(made.Open).Count == 2),
            cancellationToken: Cancellation
        );
        await held.DisposeAsync();

        Assert.Empty(Locks(made.Open));
    }

    [Fact]
    public async Task A_lock_is_replaced_every_five_minutes()
    {
        var repository = await OpenAsync();
        await using var held = await LockAsync(repository, LockMode.Shared, Self);
        var first = held.Id;

        _time.Advance(TimeSpan.FromMinutes(5));
        await Eventually.TrueAsync(
            "one new lock file",
            () => Task.FromResult(Locks(repository) is [var only] && only.Name != first),
            cancellationToken: Cancellation
        );

        var holder = await repository.LocksAsync(Cancellation).SingleAsync(Cancellation);
        Assert.Equal(_time.GetUtcNow(), holder.Since);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_lock_that_somebody_removed_is_lost_at_the_next_refresh()
    {
        var repository = await OpenAsync();
        await using var held = await LockAsync(repository, LockMode.Shared, Self);
        await repository.UnlockAllAsync(Cancellation);

        _time.Advance(TimeSpan.FromMinutes(5));

        await Eventually.TrueAsync(
            "the loss",
            () => Task.FromResult(held.Lost.IsCancellationRequested),
            cancellationToken: Cancellation
        );
        await Assert.ThrowsAsync<LockLostException>(() =>
            held.Backend.DeleteAsync(new FileHandle(FileKind.Pack, new string('c', 64)), Cancellation)
        );
        Assert.Empty(Locks(repository));
    }

    [Fact]
    public async Task Writing_waits_after_a_long_pause_until_the_lock_is_established_again()
    {
        var backend = new MemoryBackend();
        await Repository.InitAsync(backend, TestRepository.Password, TestRepository.Cheap, Cancellation);
        var faulty = new FaultyBackend(backend);
        var repository = await Repository.OpenAsync(
            faulty,
            TestRepository.Password,
            new OpenOptions { Time = _time },
            Cancellation
        );
        await using var held = await LockAsync(repository, LockMode.Shared, Self);
        var first = held.Id;

        // No refresh succeeds for so long that others may take the lock for dead.
        faulty.Plan = (_, operation, handle) =>
            operation == StorageOperation.Save && handle?.Kind == FileKind.Lock ? Fault.Error : null;
        _time.Advance(TimeSpan.FromMinutes(23));
        await Assert.ThrowsAsync<StorageException>(() => SaveAsync(held));
        faulty.Plan = (_, _, _) => null;
        var saving = SaveAsync(held);
        await _time.PassUntilAsync(saving);

        Assert.NotEqual(first, held.Id);
        Assert.Single(backend.Files.Keys, handle => handle.Kind == FileKind.Lock);
        Assert.Single(backend.Files.Keys, handle => handle.Kind == FileKind.Pack);
    }

    [Fact]
    public async Task After_a_long_pause_a_removed_lock_is_lost_and_nothing_is_written()
    {
        var repository = await OpenAsync();
        await using var held = await LockAsync(repository, LockMode.Shared, Self);
        await repository.UnlockAllAsync(Cancellation);
        _time.SetUtcNow(_time.GetUtcNow().AddHours(8));

        await Assert.ThrowsAsync<LockLostException>(() => SaveAsync(held));

        Assert.DoesNotContain(Backend(repository).Files.Keys, handle => handle.Kind is FileKind.Pack or FileKind.Lock);
        Assert.True(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_backup_whose_lock_was_removed_writes_no_snapshot()
    {
        var repository = await OpenAsync();
        await using var held = await LockAsync(repository, LockMode.Shared, Self);
        var indexed = await repository.LoadIndexAsync(Cancellation);
        var source = new TestSource("db.sql", [1, 2, 3], () => repository.UnlockAllAsync(Cancellation));

        await Assert.ThrowsAsync<LockLostException>(() =>
            indexed.BackupAsync([source], new BackupOptions { Hostname = "h" }, null, held, Cancellation)
        );

        Assert.Empty(await repository.SnapshotsAsync(SnapshotFilter.All, Cancellation));
    }

    [Fact]
    public async Task Losing_the_lock_stops_a_running_backup()
    {
        var repository = await OpenAsync();
        await using var held = await LockAsync(repository, LockMode.Shared, Self);
        var indexed = await repository.LoadIndexAsync(Cancellation);
        var source = new TestSource("db.sql", () => new ScriptedStream(
                Enumerable
                    .Range(0, 100_000)
                    .Select(i =>
                        (Func<Task<byte[]>>)(
                            async () =>
                            {
                                if (i == 5)
                                {
                                    await repository.UnlockAllAsync(Cancellation);
                                }

                                _time.Advance(TimeSpan.FromSeconds(20));
                                await Task.Delay(1, Cancellation);
                                return [1];
                            }
                        )
                    )
            ));

        await Assert.ThrowsAsync<LockLostException>(() =>
            indexed.BackupAsync([source], new BackupOptions { Hostname = "h" }, null, held, Cancellation)
        );

        Assert.Empty(await repository.SnapshotsAsync(SnapshotFilter.All, Cancellation));
        Assert.Equal(0, repository.Buffers.Rented);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refresh_that_took_so_long_that_others_may_call_the_old_lock_dead_looks_for_it_once_more(
        bool isRemoved
    )
    {
        var made = await TestRepository.CreateAsync();
        var slow = new InterruptedSave(made.Backend, FileKind.Lock);
        var repository = await TestRepository.OpenThroughAsync(slow, new OpenOptions { Time = _time });
        await using var held = await LockAsync(repository, LockMode.Shared, Self);
        var first = held.Id;
        slow.Meanwhile = () =>
        {
            _time.SetUtcNow(_time.GetUtcNow().AddMinutes(31));
            if (isRemoved)
            {
                made.Backend.Files.Remove(Locks(made.Open).Single());
            }
        };

        await Eventually.TrueAsync(
            "an outcome",
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(30));
                return Task.FromResult(held.Lost.IsCancellationRequested || (held.Id != first && !held.IsDoubtful));
            },
            cancellationToken: Cancellation
        );

        Assert.Equal(isRemoved, held.Lost.IsCancellationRequested);
        Assert.Equal(isRemoved ? 0 : 1, Locks(made.Open).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_snapshot_whose_saving_outlived_the_lock_is_taken_back_unless_the_lock_is_established_again(
        bool isRemoved
    )
    {
        var made = await TestRepository.CreateAsync();
        var slow = new InterruptedSave(made.Backend, FileKind.Snapshot);
        var repository = await TestRepository.OpenThroughAsync(slow, new OpenOptions { Time = _time });
        await using var held = await LockAsync(repository, LockMode.Shared, Self);
        var indexed = await repository.LoadIndexAsync(Cancellation);
        slow.Meanwhile = () =>
        {
            // The machine sleeps for a night.
            _time.SetUtcNow(_time.GetUtcNow().AddHours(8));
            if (isRemoved)
            {
                Locks(made.Open).ForEach(file => made.Backend.Files.Remove(file));
            }
        };

        var backup = indexed.BackupAsync(
            [new TestSource("db.sql", [1, 2, 3])],
            new BackupOptions { Hostname = "h" },
            null,
            held,
            Cancellation
        );
        var failure = await Record.ExceptionAsync(() => _time.PassUntilAsync(backup));

        Assert.Equal(isRemoved, failure is LockLostException);
        Assert.Equal(isRemoved, failure is not null);
        Assert.Equal(isRemoved ? 0 : 1, made.Backend.Files.Keys.Count(handle => handle.Kind == FileKind.Snapshot));
    }
}
