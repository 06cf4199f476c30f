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

public sealed class LockStalenessTests : LockTestBed
{
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
}
