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

public sealed class LockTests
{
    // Above the largest number that Linux gives to a process.
    private const int NoProcess = (1 << 22) + 1;

    private static readonly LockOwner Self = TestRepository.Owner;
    private static readonly LockOwner Other = new("other-host", "other", 4242, "db", "backup-1", "uid-1");

    private static readonly LockOwner Machine = new("this-host", "us", Environment.ProcessId) { ProcessSpace = "here" };
    private static readonly LockOptions SelfHealing = new() { RemoveStale = true };

    private readonly FakeTimeProvider _time = Clock.New();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(LockMode.Shared, LockMode.Shared, true)]
    [InlineData(LockMode.Shared, LockMode.Exclusive, false)]
    [InlineData(LockMode.Exclusive, LockMode.Shared, false)]
    [InlineData(LockMode.Exclusive, LockMode.Exclusive, false)]
    public async Task Only_shared_locks_go_together(LockMode held, LockMode wanted, bool isAllowed)
    {
        var repository = await OpenAsync();
        await using var first = await LockAsync(repository, held, Other);

        if (isAllowed)
        {
            await using var second = await LockAsync(repository, wanted, Self);
            return;
        }

        var refused = await Assert.ThrowsAsync<RepositoryLockedException>(() => LockAsync(repository, wanted, Self));
        Assert.Equal(
            ("other-host", "other", 4242, "db/backup-1", "uid-1"),
            (
                refused.Holder.Hostname,
                refused.Holder.Username,
                refused.Holder.ProcessId,
                refused.Holder.Pod,
                refused.Holder.PodUid
            )
        );
        Assert.Contains("process 4242 on host other-host (pod db/backup-1)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_goes_with_its_holder()
    {
        var repository = await OpenAsync();

        await using (await LockAsync(repository, LockMode.Exclusive, Self))
        {
            Assert.Single(Locks(repository));
        }

        Assert.Empty(Locks(repository));
    }

    [Fact]
    public async Task Of_two_that_lock_at_once_at_most_one_succeeds()
    {
        var repository = await OpenAsync();

        var both = await Task.WhenAll(TryAsync(), TryAsync());

        var won = both.OfType<RepositoryLock>().ToList();
        Assert.True(won.Count <= 1);
        Assert.Equal(won.Count, Locks(repository).Count);
        foreach (var held in won)
        {
            await held.DisposeAsync();
        }

        async Task<RepositoryLock?> TryAsync()
        {
            try
            {
                return await LockAsync(repository, LockMode.Exclusive, Self);
            }
            catch (RepositoryLockedException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task Waiting_ends_when_the_other_lock_goes()
    {
        var repository = await OpenAsync();
        var other = await LockAsync(repository, LockMode.Exclusive, Other);
        var started = _time.GetUtcNow();

        var waiting = repository.LockAsync(
            LockMode.Shared,
            Self,
            new LockOptions { WaitFor = TimeSpan.FromMinutes(10) },
            Cancellation
        );
        while (_time.GetUtcNow() - started < TimeSpan.FromSeconds(30))
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(1, Cancellation);
        }

        Assert.False(waiting.IsCompleted);
        await other.DisposeAsync();
        await using var held = await _time.PassUntilAsync(waiting);
        Assert.Equal(LockMode.Shared, held.Mode);
    }

    [Fact]
    public async Task Waiting_gives_up_in_time_and_names_the_holder()
    {
        var repository = await OpenAsync();
        await using var other = await LockAsync(repository, LockMode.Exclusive, Other);
        var started = _time.GetUtcNow();

        var waiting = repository.LockAsync(
            LockMode.Shared,
            Self,
            new LockOptions { WaitFor = TimeSpan.FromMinutes(2) },
            Cancellation
        );

        var refused = await Assert.ThrowsAsync<RepositoryLockedException>(() =>
            _time.PassUntilAsync(waiting, TimeSpan.FromSeconds(1))
        );
        Assert.Equal("other-host", refused.Holder.Hostname);
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(3));
    }

    [Fact]
    public async Task A_lock_whose_owner_is_known_to_be_gone_is_removed()
    {
        var repository = await OpenAsync();
        await using var dead = await LockAsync(repository, LockMode.Exclusive, Other);

        var options = new LockOptions
        {
            IsOwnerGoneAsync = (holder, _) => ValueTask.FromResult(holder.PodUid == "uid-1"),
        };
        await using var held = await _time.PassUntilAsync(
            repository.LockAsync(LockMode.Exclusive, Self, options, Cancellation)
        );

        Assert.Equal([held.Id], Locks(repository).Select(handle => handle.Name));
    }

    [Fact]
    public async Task Staleness_plays_no_part_in_locking_but_unlock_removes_stale_locks()
    {
        var repository = await OpenAsync();
        WriteLock(repository, _time.GetUtcNow().AddHours(-2), exclusive: true);

        await Assert.ThrowsAsync<RepositoryLockedException>(() => LockAsync(repository, LockMode.Shared, Self));
        Assert.Equal(1, await repository.UnlockAsync(Self, new LockOptions(), Cancellation));
        await using var held = await LockAsync(repository, LockMode.Exclusive, Self);
    }

    [Fact]
    public async Task A_lock_of_a_dead_process_of_this_process_space_is_removed_at_once_where_that_is_wanted()
    {
        var repository = await OpenAsync();
        WriteLock(repository, _time.GetUtcNow(), exclusive: true, Machine.Hostname, NoProcess, "here");

        await using var held = await _time.PassUntilAsync(
            repository.LockAsync(LockMode.Exclusive, Machine, SelfHealing, Cancellation)
        );

        Assert.Equal([held.Id], Locks(repository).Select(handle => handle.Name));
    }

    [Fact]
    public async Task A_lock_of_another_host_process_space_or_pod_or_of_a_living_process_stays_in_the_way()
    {
        var repository = await OpenAsync();
        foreach (
            var (hostname, process, space, owner) in ((string, int, string, LockOwner)[])
                [
                    ("elsewhere", NoProcess, "here", Machine),
                    (Machine.Hostname, Environment.ProcessId, "here", Machine),
                    (Machine.Hostname, NoProcess, "another container", Machine),
                    (Machine.Hostname, NoProcess, "", Machine), // restic's
                    (Machine.Hostname, NoProcess, "", Machine with { ProcessSpace = null }),
                    (
                        Machine.Hostname,
                        NoProcess,
                        "here",
                        Machine with
                        {
                            PodNamespace = "demo",
                            PodName = Machine.Hostname,
                            PodUid = "uid-1",
                        }
                    ),
                ]
        )
        {
            WriteLock(repository, _time.GetUtcNow(), exclusive: true, hostname, process, space);
            await Assert.ThrowsAsync<RepositoryLockedException>(() =>
                repository.LockAsync(LockMode.Shared, owner, SelfHealing, Cancellation)
            );
            Assert.Equal(1, await repository.UnlockAllAsync(Cancellation));
        }
    }

    [Theory]
    [InlineData("", 1)] // restic's, by restic's rule
    [InlineData("here", 1)]
    [InlineData("another container", 0)]
    public async Task Unlock_removes_the_lock_of_a_dead_process_but_not_of_one_that_we_could_not_see(
        string space,
        int removed
    )
    {
        var repository = await OpenAsync();
        WriteLock(repository, _time.GetUtcNow(), exclusive: true, Machine.Hostname, NoProcess, space);

        Assert.Equal(removed, await repository.UnlockAsync(Machine, new LockOptions(), Cancellation));
    }

    [Theory]
    [InlineData(StorageOperation.List)]
    [InlineData(StorageOperation.Read)]
    public async Task A_store_that_denies_locks_once_or_twice_is_not_believed(StorageOperation denied)
    {
        var made = await TestRepository.CreateAsync();
        var faulty = new FaultyBackend(made.Backend);
        var repository = await TestRepository.OpenThroughAsync(faulty, new OpenOptions { Time = _time });
        await using var other = await LockAsync(repository, LockMode.Exclusive, Other);

        for (var times = 1; times <= 2; times++)
        {
            var left = times;
            faulty.Plan = (_, operation, _) =>
                operation == denied && Interlocked.Decrement(ref left) >= 0 ? Fault.NotFound : null;
            var locking = repository.LockAsync(LockMode.Exclusive, Self, Cancellation);
            await Assert.ThrowsAsync<RepositoryLockedException>(() => _time.PassUntilAsync(locking));
        }

        Assert.Equal([other.Id], Locks(made.Open).Select(handle => handle.Name));
    }

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
    public async Task An_old_lock_is_removed_once_nobody_has_refreshed_it_while_we_waited()
    {
        var repository = await OpenAsync();
        WriteLock(repository, _time.GetUtcNow().AddHours(-2), exclusive: true);
        var started = _time.GetUtcNow();

        await Assert.ThrowsAsync<RepositoryLockedException>(() =>
            repository.LockAsync(LockMode.Shared, Machine, SelfHealing, Cancellation)
        );
        await using var held = await _time.PassUntilAsync(
            repository.LockAsync(
                LockMode.Exclusive,
                Machine,
                SelfHealing with
                {
                    WaitFor = TimeSpan.FromMinutes(10),
                },
                Cancellation
            ),
            TimeSpan.FromSeconds(1)
        );

        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromMinutes(6.5), TimeSpan.FromMinutes(8));
    }

    [Fact]
    public async Task A_clock_that_is_an_hour_fast_removes_no_living_lock()
    {
        var made = await TestRepository.CreateAsync();
        var fast = Clock.New();
        var repository = await TestRepository.OpenThroughAsync(made.Backend, new OpenOptions { Time = fast });
        var others = await TestRepository.OpenThroughAsync(made.Backend, new OpenOptions { Time = _time });
        await using var living = await LockAsync(others, LockMode.Exclusive, Other);
        fast.Advance(TimeSpan.FromHours(1));

        var waiting = repository.LockAsync(
            LockMode.Exclusive,
            Machine,
            SelfHealing with
            {
                WaitFor = TimeSpan.FromMinutes(20),
            },
            Cancellation
        );
        while (!waiting.IsCompleted)
        {
            fast.Advance(TimeSpan.FromSeconds(1));
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(waiting, Task.Delay(1, Cancellation));
        }

        await Assert.ThrowsAsync<RepositoryLockedException>(() => waiting);
        Assert.Single(Locks(repository));
        Assert.False(living.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Unlock_leaves_the_living_and_takes_the_predecessor_of_our_pod()
    {
        var repository = await OpenAsync();
        await using var living = await LockAsync(repository, LockMode.Shared, Other);
        await using var own = await LockAsync(repository, LockMode.Shared, Self);

        Assert.Equal(0, await repository.UnlockAsync(Self, new LockOptions(), Cancellation));
        var successor = Other with { Hostname = "elsewhere", PodUid = "uid-2" };
        Assert.Equal(1, await repository.UnlockAsync(successor, new LockOptions(), Cancellation));

        Assert.Equal([own.Id], Locks(repository).Select(handle => handle.Name));
        Assert.Equal(1, await repository.UnlockAllAsync(Cancellation));
    }

    [Fact]
    public async Task Empty_lock_files_are_ignored()
    {
        var repository = await OpenAsync();
        Backend(repository).Files[new FileHandle(FileKind.Lock, new string('0', 64))] = [];

        await using var held = await LockAsync(repository, LockMode.Exclusive, Self);

        Assert.Equal(LockMode.Exclusive, held.Mode);
    }

    [Fact]
    public async Task An_unreadable_lock_fails_after_35_seconds_and_is_named()
    {
        var repository = await OpenAsync();
        var name = new string('b', 64);
        Backend(repository).Files[new FileHandle(FileKind.Lock, name)] = new byte[100];
        var started = _time.GetUtcNow();

        var failure = await Assert.ThrowsAsync<DamagedFileException>(() =>
            LockAsync(repository, LockMode.Shared, Self)
        );

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(40));
        Assert.Equal(1, await repository.UnlockAllAsync(Cancellation));
    }

    [Fact]
    public async Task Cancelling_the_wait_leaves_no_lock()
    {
        var repository = await OpenAsync();
        using var stop = new CancellationTokenSource();

        var locking = repository.LockAsync(LockMode.Shared, Self, new LockOptions(), stop.Token);
        await Eventually.TrueAsync(
            "the lock file",
            () => Task.FromResult(Locks(repository).Count == 1),
            cancellationToken: Cancellation
        );
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => locking);
        Assert.Empty(Locks(repository));
    }

    [Fact]
    public async Task Cancelling_while_the_lock_is_being_written_leaves_no_lock()
    {
        var made = await TestRepository.CreateAsync();
        var repository = await TestRepository.OpenThroughAsync(
            new SilentBackend(made.Backend) { IsSilent = true },
            new OpenOptions { Time = _time }
        );
        using var stop = new CancellationTokenSource();

        var locking = repository.LockAsync(LockMode.Exclusive, Self, new LockOptions(), stop.Token);
        await Eventually.TrueAsync(
            "the lock file",
            () => Task.FromResult(Locks(made.Open).Count == 1),
            cancellationToken: Cancellation
        );
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => locking);
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
    public async Task A_lock_whose_writing_was_confirmed_by_nobody_is_taken_back()
    {
        var made = await TestRepository.CreateAsync();
        var repository = await TestRepository.OpenThroughAsync(
            new FaultyBackend(made.Backend).Fail(StorageOperation.Save, 1, Fault.Late),
            new OpenOptions { Time = _time }
        );

        await Assert.ThrowsAsync<StorageException>(() => LockAsync(repository, LockMode.Exclusive, Self));

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

    private static MemoryBackend Backend(OpenRepository repository) => (MemoryBackend)repository.Backend;

    private static List<FileHandle> Locks(OpenRepository repository) =>
        [.. Backend(repository).Files.Keys.Where(handle => handle.Kind == FileKind.Lock)];

    private static async Task<bool> SaveAsync(RepositoryLock held)
    {
        await held.Backend.SaveAsync(
            new FileHandle(FileKind.Pack, new string('d', 64)),
            new MemoryStream([1]),
            SaveMode.CreateOnly,
            Cancellation
        );
        return true;
    }

    private static void WriteLock(
        OpenRepository repository,
        DateTimeOffset time,
        bool exclusive,
        string hostname = "gone",
        int processId = 1,
        string space = ""
    )
    {
        var record = new LockRecord
        {
            Time = Timestamp.From(time),
            Exclusive = exclusive,
            Hostname = hostname,
            Username = "u",
            ProcessId = processId,
            ProcessSpace = space,
        };
        var stored = repository.Sealer.Seal(record.ToJson());
        Backend(repository).Files[new FileHandle(FileKind.Lock, Sha256Id.Of(stored).ToString())] = stored;
    }

    private async Task<OpenRepository> OpenAsync()
    {
        var made = await TestRepository.CreateAsync();
        return await TestRepository.OpenThroughAsync(made.Backend, new OpenOptions { Time = _time });
    }

    private Task<RepositoryLock> LockAsync(OpenRepository repository, LockMode mode, LockOwner owner) =>
        _time.PassUntilAsync(repository.LockAsync(mode, owner, Cancellation));

    /// <summary>Takes locks in, and does not reply any more until the caller gives up.</summary>
    private sealed class SilentBackend(IBackend inner) : DelegatingBackend(inner)
    {
        public bool IsSilent { get; set; }

        public override async Task SaveAsync(
            FileHandle handle,
            Stream content,
            SaveMode mode,
            CancellationToken cancellationToken
        )
        {
            await base.SaveAsync(handle, content, mode, cancellationToken);
            if (IsSilent)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
    }
}
