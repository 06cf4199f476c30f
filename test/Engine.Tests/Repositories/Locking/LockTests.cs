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

public sealed class LockTests : LockTestBed
{
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
}
