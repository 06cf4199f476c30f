using System.Text;
using Granary.Engine.Archiving;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Engine.Tests.Archiving;

public sealed class BackupTests : BackupTestBed
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(700_000, 3)]
    [InlineData(8_388_608, 3)]
    [InlineData(25_000_000, 3)]
    [InlineData(40_000_000, 1)]
    public async Task Any_size_comes_back(int size, int connections)
    {
        var repository = await TestRepository.CreateAsync();
        var content = SeededBytes.Random("size", size);

        var result = await repository.BackupAsync(
            content,
            new StoreOptions
            {
                PackSize = 4 << 20,
                Workers = 3,
                Connections = connections,
            }
        );

        var snapshot = await repository.Open.SnapshotAsync(result.SnapshotId, Cancellation);
        Assert.Equal(content, await TestRepository.DumpAsync(repository.Open, snapshot));
        Assert.Equal(size, result.Summary.TotalBytesProcessed);
        Assert.Equal(size, Assert.Single(result.Sources).Size);
        Assert.Equal(0, repository.Open.Buffers.Rented);
    }

    [Fact]
    public async Task Sources_in_folders_become_one_snapshot_in_order_of_their_names()
    {
        var repository = await TestRepository.CreateAsync();
        string[] paths =
        [
            "dumps/b.sql",
            "/dumps/a.sql",
            "./globals.sql",
            "dumps/é/\uFF5E.sql",
            "dumps/é/\U0001F600.sql",
            "x/../y.sql",
        ];

        var result = await repository.BackupAsync([
            .. paths.Select(path => new TestSource(path, Encoding.UTF8.GetBytes(path))),
        ]);

        var snapshot = await repository.Open.SnapshotAsync(result.SnapshotId, Cancellation);
        Assert.Equal(
            [
                "/dumps/b.sql",
                "/dumps/a.sql",
                "/globals.sql",
                "/dumps/é/\uFF5E.sql",
                "/dumps/é/\U0001F600.sql",
                "/y.sql",
            ],
            snapshot.Record.Paths
        );
        var indexed = await repository.Open.LoadIndexAsync(Cancellation);
        var files = await indexed
            .FilesAsync(snapshot, Cancellation)
            .Select(file => file.Path)
            .ToListAsync(Cancellation);
        Assert.Equal(
            [
                "/dumps/a.sql",
                "/dumps/b.sql",
                "/dumps/é/\uFF5E.sql",
                "/dumps/é/\U0001F600.sql",
                "/globals.sql",
                "/y.sql",
            ],
            files
        );
        Assert.Equal(
            "./globals.sql"u8.ToArray(),
            await TestRepository.DumpAsync(repository.Open, snapshot, "globals.sql")
        );
        Assert.Equal(2, result.Summary.DirectoriesNew);
        Assert.Equal(3, result.Summary.TreeBlobs);
    }

    [Theory]
    [InlineData("a.sql", "/a.sql")]
    [InlineData("a", "a/b.sql")]
    [InlineData("a/b.sql", "a")]
    public async Task Sources_in_each_others_way_are_refused(string one, string other)
    {
        var repository = await TestRepository.CreateAsync();

        await Assert.ThrowsAsync<ArgumentException>(() =>
            repository.BackupAsync([new TestSource(one, [1]), new TestSource(other, [2])])
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a/..")]
    [InlineData("a\0b")]
    public void Paths_that_name_no_file_are_refused(string path) =>
        Assert.Throws<ArgumentException>(() => SourceTree.Clean(path));

    [Fact]
    public async Task A_second_backup_of_the_same_stores_only_its_directory()
    {
        var repository = await TestRepository.CreateAsync();
        var content = SeededBytes.Random("twice", 5_000_000);
        await repository.BackupAsync(content);

        var again = await repository.BackupAsync(content);

        Assert.Equal(0, again.Summary.DataBlobs);
        Assert.Equal(0, Assert.Single(again.Sources).BytesAdded);
        Assert.InRange(again.Summary.DataAdded, 100, 2000);
    }

    [Fact]
    public async Task Equal_chunks_in_flight_are_stored_once()
    {
        var repository = await TestRepository.CreateAsync();

        var result = await repository.BackupAsync(new byte[20_000_000], new StoreOptions { Workers = 4 });

        Assert.Equal(2, result.Summary.DataBlobs);
        var snapshot = await repository.Open.SnapshotAsync(result.SnapshotId, Cancellation);
        Assert.Equal(new byte[20_000_000], await TestRepository.DumpAsync(repository.Open, snapshot));
    }

    [Fact]
    public async Task An_empty_source_fails_unless_that_is_allowed()
    {
        var repository = await TestRepository.CreateAsync();

        var failure = await Assert.ThrowsAsync<EmptySourceException>(() =>
            repository.BackupAsync([new TestSource("db.sql", [])])
        );
        Assert.Equal("/db.sql", failure.Path);
        Assert.Empty(await repository.Open.SnapshotsAsync(SnapshotFilter.All, Cancellation));

        var allowed = await TestRepository.BackupAsync(
            repository.Open,
            [new TestSource("db.sql", [])],
            allowEmpty: true
        );
        var snapshot = await repository.Open.SnapshotAsync(allowed.SnapshotId, Cancellation);
        Assert.Empty(await TestRepository.DumpAsync(repository.Open, snapshot));
    }

    [Fact]
    public async Task Progress_only_grows_and_ends_at_the_size()
    {
        var repository = await TestRepository.CreateAsync();
        var seen = new List<BackupProgress>();
        await using var held = await repository.Open.LockAsync(LockMode.Shared, TestRepository.Owner, Cancellation);
        var indexed = await repository.Open.LoadIndexAsync(Cancellation);

        await indexed.BackupAsync(
            [new TestSource("db.sql", SeededBytes.Random("p", 9_000_000))],
            new BackupOptions { Hostname = "h" },
            new Collector(seen),
            held,
            Cancellation
        );

        Assert.Equal(seen.Select(each => each.BytesRead).Order(), seen.Select(each => each.BytesRead));
        Assert.Equal(9_000_000, seen[^1].BytesRead);
        Assert.All(seen, each => Assert.Equal("/db.sql", each.CurrentPath));
    }

    [Fact]
    public async Task Compression_that_does_not_help_is_not_kept_and_one_that_is_off_is_not_tried()
    {
        var random = await TestRepository.CreateAsync();
        var text = await TestRepository.CreateAsync();

        var incompressible = await random.BackupAsync(SeededBytes.Random("r", 3_000_000));
        var off = await text.BackupAsync(new byte[3_000_000], new StoreOptions { Compression = CompressionMode.Off });

        Assert.InRange(incompressible.Sources[0].BytesStored, 3_000_000, 3_001_000);
        Assert.True(off.Sources[0].BytesStored > 500_000);
    }

    [Theory]
    [InlineData(CompressionMode.Auto)]
    [InlineData(CompressionMode.Better)]
    [InlineData(CompressionMode.Max)]
    public async Task Stored_bytes_are_what_the_packs_have(CompressionMode mode)
    {
        var repository = await TestRepository.CreateAsync();

        var result = await repository.BackupAsync(
            SeededBytes.CopyText("c", 5_000_000),
            new StoreOptions { Compression = mode }
        );

        var packs = repository
            .Backend.Files.Where(file => file.Key.Kind == FileKind.Pack)
            .Select(file => file.Value.Length)
            .ToList();
        Assert.Equal(packs.Sum() - (36 * packs.Count), result.Summary.DataAddedPacked);
    }
}
