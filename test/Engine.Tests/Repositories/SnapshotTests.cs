using Granary.Engine.Archiving;
using Granary.Engine.Ids;
using Granary.Engine.Packing;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Blobs;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Tests.Repositories;

public sealed class SnapshotTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<SnapshotFilter, bool> Filters =>
        new()
        {
            { SnapshotFilter.All, true },
            {
                new SnapshotFilter { Hosts = ["a", "host-0"] },
                true
            },
            {
                new SnapshotFilter { Hosts = ["a"] },
                false
            },
            {
                new SnapshotFilter { Paths = ["/x"] },
                true
            },
            // All of the paths must be there.
            {
                new SnapshotFilter { Paths = ["/x", "/z"] },
                false
            },
            {
                new SnapshotFilter
                {
                    TagLists =
                    [
                        ["one"],
                    ],
                },
                true
            },
            {
                new SnapshotFilter
                {
                    TagLists =
                    [
                        ["one", "three"],
                        ["two"],
                    ],
                },
                true
            },
            {
                new SnapshotFilter
                {
                    TagLists =
                    [
                        ["one", "three"],
                    ],
                },
                false
            },
            // The empty tag means "without tags".
            {
                new SnapshotFilter
                {
                    TagLists =
                    [
                        [""],
                    ],
                },
                false
            },
        };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Filters_match_hosts_paths_and_tags(SnapshotFilter filter, bool matches)
    {
        var snapshot = new SnapshotRecord
        {
            Time = default,
            Tree = default,
            Hostname = "host-0",
            Paths = ["/x", "/y"],
            Tags = ["one", "two"],
        };

        Assert.Equal(matches, filter.Matches(snapshot));
        Assert.True(
            new SnapshotFilter
            {
                TagLists =
                [
                    [""],
                ],
            }.Matches(snapshot with { Tags = [] })
        );
    }

    [Fact]
    public async Task Latest_is_the_newest_that_matches()
    {
        var repository = await TestRepository.CreateAsync();
        var old = await SaveAsync(repository.Open, "host-0", new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        var young = await SaveAsync(
            repository.Open,
            "host-0",
            new DateTimeOffset(2026, 1, 1, 12, 30, 0, TimeSpan.FromHours(-1))
        );
        await SaveAsync(repository.Open, "host-1", new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));
        var filter = new SnapshotFilter { Hosts = ["host-0"] };

        Assert.Equal(young, (await repository.Open.FindSnapshotAsync("latest", filter, Cancellation)).Id);
        Assert.Equal(
            [old, young],
            (await repository.Open.SnapshotsAsync(filter, Cancellation)).Select(snapshot => snapshot.Id)
        );
        Assert.Equal(
            old,
            (
                await repository.Open.FindSnapshotAsync(
                    old.Short,
                    new SnapshotFilter { Hosts = ["nobody"] },
                    Cancellation
                )
            ).Id
        );
    }

    [Fact]
    public async Task A_prefix_must_name_exactly_one_snapshot()
    {
        var repository = await TestRepository.CreateAsync();
        for (var i = 0; i < 17; i++)
        {
            await SaveAsync(repository.Open, "h", DateTimeOffset.UnixEpoch);
        }

        // Of seventeen ids at least two begin with the same digit.
        var twice = repository
            .Backend.Files.Keys.Where(handle => handle.Kind == FileKind.Snapshot)
            .GroupBy(handle => handle.Name[0])
            .First(group => group.Count() > 1);
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() =>
            repository.Open.FindSnapshotAsync(twice.Key.ToString(), SnapshotFilter.All, Cancellation)
        );
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() =>
            repository.Open.FindSnapshotAsync("", SnapshotFilter.All, Cancellation)
        );
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() =>
            repository.Open.FindSnapshotAsync("zz", SnapshotFilter.All, Cancellation)
        );
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() => repository.Open.SnapshotAsync(default, Cancellation));
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() =>
            repository.Open.FindSnapshotAsync("latest", new SnapshotFilter { Hosts = ["nobody"] }, Cancellation)
        );
    }

    [Fact]
    public async Task A_verified_snapshot_is_whole_and_a_broken_one_is_not()
    {
        var repository = await TestRepository.CreateAsync();
        var result = await repository.BackupAsync(
            [new TestSource("a/db.sql", new byte[3_000_000])],
            new StoreOptions()
        );
        var indexed = await repository.Open.LoadIndexAsync(Cancellation);

        var proof = await indexed.VerifySnapshotAsync(result.SnapshotId, Cancellation);

        Assert.Equal((2, 1, 6L, 3_000_000L), (proof.Trees, proof.Files, proof.Blobs, proof.Bytes));
        foreach (var kind in (FileKind[])[FileKind.Snapshot, FileKind.Index, FileKind.Pack])
        {
            foreach (var handle in repository.Backend.Files.Keys.Where(handle => handle.Kind == kind).ToList())
            {
                var content = repository.Backend.Files[handle];
                repository.Backend.Files.Remove(handle);
                await Assert.ThrowsAnyAsync<RepositoryException>(() =>
                    indexed.VerifySnapshotAsync(result.SnapshotId, Cancellation)
                );
                repository.Backend.Files[handle] = content;
            }
        }
    }

    [Fact]
    public async Task A_snapshot_is_verified_on_a_store_that_lists_new_files_late()
    {
        var repository = await TestRepository.CreateAsync();
        var open = await TestRepository.OpenThroughAsync(new LateListingBackend(repository.Backend));
        await using var held = await open.LockAsync(LockMode.Shared, TestRepository.Owner, Cancellation);
        var indexed = await open.LoadIndexAsync(Cancellation);
        var result = await indexed.BackupAsync(
            [new TestSource("db.sql", new byte[3_000_000])],
            new BackupOptions { Hostname = "h" },
            null,
            held,
            Cancellation
        );

        var proof = await indexed.VerifySnapshotAsync(result.SnapshotId, Cancellation);

        Assert.Equal(3_000_000L, proof.Bytes);
    }

    [Fact]
    public async Task A_tree_larger_than_a_pack_is_stored_and_read_piece_by_piece()
    {
        var repository = await TestRepository.CreateAsync();
        var content = new Sha256IdList();
        for (var i = 0; i < 200_000; i++)
        {
            content.Add(Sha256Id.Of(BitConverter.GetBytes(i)));
        }

        await using var held = await repository.Open.LockAsync(LockMode.Shared, TestRepository.Owner, Cancellation);
        var indexed = await repository.Open.LoadIndexAsync(Cancellation);
        await using var crew = new Crew(Cancellation);
        using var store = new BlobStore(
            repository.Open,
            indexed.Index,
            held.Backend,
            new StoreOptions { PackSize = 4 << 20 },
            crew
        );
        var node = new TreeNode
        {
            Name = "db.sql"u8.ToArray(),
            Type = TreeNode.File,
            Size = 1,
            Content = content,
        };

        var stored = await store.AddTreeAsync([node], Cancellation);
        var small = await store.AddTreeAsync([node with { Content = new Sha256IdList() }], Cancellation);
        var again = await store.AddTreeAsync([node], Cancellation);
        await store.FinishAsync();

        Assert.InRange(stored.Stored, 6_400_000, 8_000_000);
        Assert.Equal(0, again.Stored);
        var read = Assert.Single(
            await (await repository.Open.LoadIndexAsync(Cancellation)).Trees.ReadAsync(
                stored.Id,
                "the test",
                Cancellation
            )
        );
        Assert.Equal(200_000, read.Content!.Count);
        Assert.Equal(content[199_999], read.Content[199_999]);
        Assert.Single(await indexed.Trees.ReadAsync(small.Id, "the test", Cancellation));
        Assert.Equal(0, repository.Open.Buffers.Rented);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_tree_longer_than_an_index_can_say_is_refused()
    {
        var repository = await TestRepository.CreateAsync();
        var content = new Sha256IdList();
        for (var i = 0; i < 2_000_000; i++)
        {
            content.Add(Sha256Id.Of(BitConverter.GetBytes(i)));
        }

        await using var held = await repository.Open.LockAsync(LockMode.Shared, TestRepository.Owner, Cancellation);
        var indexed = await repository.Open.LoadIndexAsync(Cancellation);
        await using var crew = new Crew(Cancellation);
        using var store = new BlobStore(repository.Open, indexed.Index, held.Backend, new StoreOptions(), crew);
        var node = new TreeNode
        {
            Name = "db.sql"u8.ToArray(),
            Type = TreeNode.File,
            Size = 1,
            Content = content,
        };

        await Assert.ThrowsAsync<UnsupportedFormatException>(() =>
            store.AddTreeAsync([.. Enumerable.Repeat(node, 17)], Cancellation)
        );
    }

    private static async Task<SnapshotId> SaveAsync(OpenRepository repository, string host, DateTimeOffset time)
    {
        var record = new SnapshotRecord
        {
            Time = Timestamp.From(time),
            Tree = BlobId.Of("tree"u8),
            Hostname = host,
            Paths = ["/db.sql"],
        };
        return new SnapshotId(
            await repository.Stored.Documents.SaveAsync(
                repository.Backend,
                FileKind.Snapshot,
                SnapshotJson.ToJson(record),
                Cancellation
            )
        );
    }
}
