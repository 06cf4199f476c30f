using System.Text;
using Granary.Engine.Archiving;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Engine.Tests.Archiving;

public sealed class BackupInterruptionTests : BackupTestBed
{
    [Fact]
    public async Task A_source_that_fails_at_its_end_leaves_no_snapshot()
    {
        var repository = await TestRepository.CreateAsync();
        var failing = new TestSource("db.sql", SeededBytes.Random("x", 3_000_000), () =>
            throw new IOException("pg_dump exited with 1")
        );

        var failure = await Assert.ThrowsAsync<IOException>(() => repository.BackupAsync([failing]));

        Assert.Equal("pg_dump exited with 1", failure.Message);
        Assert.Empty(await repository.Open.SnapshotsAsync(SnapshotFilter.All, Cancellation));
        Assert.DoesNotContain(repository.Backend.Files.Keys, handle => handle.Kind == FileKind.Lock);
        Assert.Equal(0, repository.Open.Buffers.Rented);
    }

    [Fact]
    public async Task A_source_that_breaks_midway_leaves_no_snapshot()
    {
        var repository = await TestRepository.CreateAsync();
        var first = new TestSource("a.sql", SeededBytes.Random("a", 3_000_000));
        var broken = new TestSource("b.sql", () =>
            new ScriptedStream([
                () => Task.FromResult(SeededBytes.Random("b", 2_000_000)),
                () => throw new IOException("the pipe broke"),
            ])
        );

        await Assert.ThrowsAsync<IOException>(() => repository.BackupAsync([first, broken]));

        Assert.Empty(await repository.Open.SnapshotsAsync(SnapshotFilter.All, Cancellation));
        Assert.Equal(0, repository.Open.Buffers.Rented);
    }

    [Fact]
    public async Task Cancelling_stops_the_backup_and_releases_the_lock()
    {
        var repository = await TestRepository.CreateAsync();
        using var stop = new CancellationTokenSource();
        var endless = new TestSource("db.sql", () => new ScriptedStream(
                Enumerable
                    .Range(0, int.MaxValue)
                    .Select(i =>
                        (Func<Task<byte[]>>)(
                            () =>
                            {
                                if (i == 50)
                                {
                                    stop.Cancel();
                                }

                                return Task.FromResult(new byte[100_000]);
                            }
                        )
                    )
            ));

        await using (var held = await repository.Open.LockAsync(LockMode.Shared, TestRepository.Owner, Cancellation))
        {
            var indexed = await repository.Open.LoadIndexAsync(Cancellation);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                indexed.BackupAsync([endless], new BackupOptions { Hostname = "h" }, null, held, stop.Token)
            );
        }

        Assert.DoesNotContain(repository.Backend.Files.Keys, handle =>
            handle.Kind is FileKind.Lock or FileKind.Snapshot
        );
        Assert.Equal(0, repository.Open.Buffers.Rented);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pack_that_vanished_or_was_cut_short_is_not_trusted(bool isGone)
    {
        var repository = await TestRepository.CreateAsync();
        var content = SeededBytes.Random("vanished", 2_000_000);
        var first = await repository.BackupAsync(content);
        foreach (var pack in repository.Backend.Files.Keys.Where(handle => handle.Kind == FileKind.Pack).ToList())
        {
            var whole = repository.Backend.Files[pack];
            repository.Backend.Files[pack] = whole[..^1];
            if (isGone)
            {
                repository.Backend.Files.Remove(pack);
            }
        }

        var damaged = await repository.Open.LoadIndexAsync(Cancellation);
        await Assert.ThrowsAsync<DamagedPackException>(() =>
            damaged.VerifySnapshotAsync(first.SnapshotId, Cancellation)
        );
        var again = await repository.BackupAsync(content);

        await (await repository.Open.LoadIndexAsync(Cancellation)).VerifySnapshotAsync(again.SnapshotId, Cancellation);
        var snapshot = await repository.Open.SnapshotAsync(again.SnapshotId, Cancellation);
        Assert.Equal(content, await TestRepository.DumpAsync(repository.Open, snapshot));
    }

    [Fact]
    public async Task A_slow_source_has_an_index_after_a_minute()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var repository = await TestRepository.CreateAsync();
        var open = await TestRepository.OpenThroughAsync(repository.Backend, new OpenOptions { Time = time });
        var indexedAfterAMinute = 0;
        var slow = new TestSource("db.sql", () => new ScriptedStream([
                () => Task.FromResult(SeededBytes.Random("slow", 20_000_000)),
                async () =>
                {
                    await Eventually.TrueAsync(
                        "a pack",
                        () =>
                            Task.FromResult(repository.Backend.Files.Keys.Any(handle => handle.Kind == FileKind.Pack)),
                        cancellationToken: Cancellation
                    );
                    var passed = TimeSpan.Zero;
                    await Eventually.TrueAsync(
                        "an index",
                        () =>
                        {
                            // Not on and on: a lock that nobody could refresh in all that time would be lost.
                            if (passed < TimeSpan.FromSeconds(75))
                            {
                                time.Advance(TimeSpan.FromSeconds(15));
                                passed += TimeSpan.FromSeconds(15);
                            }

                            return Task.FromResult(
                                repository.Backend.Files.Keys.Any(handle => handle.Kind == FileKind.Index)
                            );
                        },
                        cancellationToken: Cancellation
                    );
                    indexedAfterAMinute++;
                    return [1];
                },
            ]));

        var locking = open.LockAsync(LockMode.Shared, TestRepository.Owner, Cancellation);
        await using var held = await time.PassUntilAsync(locking);
        var indexed = await open.LoadIndexAsync(Cancellation);
        await indexed.BackupAsync(
            [slow],
            new BackupOptions
            {
                Hostname = "h",
                Store = new StoreOptions { PackSize = 4 << 20 },
            },
            null,
            held,
            Cancellation
        );

        Assert.Equal(1, indexedAfterAMinute);
        Assert.True(repository.Backend.Files.Keys.Count(handle => handle.Kind == FileKind.Index) >= 2);
    }
}
