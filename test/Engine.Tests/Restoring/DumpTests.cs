using Granary.Engine.Archiving;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Engine.Restoring;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Restoring;

public sealed class DumpTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 1, 1 << 20)]
    [InlineData(1, 5, 2 << 20)]
    [InlineData(2, 3, 5 << 20)]
    [InlineData(2, 2, 9 << 20)]
    [InlineData(3, 5, 14 << 20)]
    [InlineData(4, 4, 64 << 20)]
    public async Task Any_parallelism_and_read_ahead_gives_the_same_bytes(int workers, int connections, int readAhead)
    {
        var repository = await TestRepository.CreateAsync();
        byte[] content =
        [
            .. SeededBytes.Random("dump", 9_000_000),
            .. new byte[5_000_000],
            .. SeededBytes.CopyText("dump", 6_000_000),
            .. SeededBytes.Random("more", 40_000_000),
        ];
        var result = await repository.BackupAsync(content, new StoreOptions { PackSize = 4 << 20 });
        var snapshot = await repository.Open.SnapshotAsync(result.SnapshotId, Cancellation);

        var dumped = await TestRepository.DumpAsync(
            repository.Open,
            snapshot,
            options: new DumpOptions
            {
                Workers = workers,
                Connections = connections,
                ReadAhead = readAhead,
            }
        );

        Assert.Equal(content, dumped);
        Assert.Equal(0, repository.Open.Buffers.Rented);
    }

    [Fact]
    public async Task A_damaged_pack_does_no_harm_while_another_has_the_blob()
    {
        var repository = await TestRepository.CreateAsync();
        var content = SeededBytes.Random("twice", 3_000_000);
        var first = await repository.BackupAsync(content);
        var packs = repository.Backend.Files.Where(file => file.Key.Kind == FileKind.Pack).ToDictionary();

        // A second copy of everything, made while the first one was not to be seen.
        foreach (var pack in packs.Keys)
        {
            repository.Backend.Files.Remove(pack);
        }

        await repository.BackupAsync(content);
        foreach (var (pack, bytes) in packs)
        {
            bytes.AsSpan(0, Math.Max(bytes.Length / 2, bytes.Length - 300)).Fill(7);
            repository.Backend.Files[pack] = bytes;
        }

        var snapshot = await repository.Open.SnapshotAsync(first.SnapshotId, Cancellation);
        var damagedTree = await Assert.ThrowsAsync<DamagedPackException>(() =>
            TestRepository.DumpAsync(repository.Open, snapshot)
        );
        Assert.Contains(damagedTree.Pack, packs.Keys.Select(pack => pack.Name));
        var latest = await repository.Open.FindSnapshotAsync("latest", SnapshotFilter.All, Cancellation);
        Assert.Equal(content, await TestRepository.DumpAsync(repository.Open, latest));
    }

    [Fact]
    public async Task A_blob_that_is_damaged_everywhere_fails_the_dump_and_names_the_pack()
    {
        var repository = await TestRepository.CreateAsync();
        var result = await repository.BackupAsync(SeededBytes.Random("damaged", 3_000_000));
        var snapshot = await repository.Open.SnapshotAsync(result.SnapshotId, Cancellation);
        var (pack, bytes) = repository
            .Backend.Files.Where(file => file.Key.Kind == FileKind.Pack)
            .MaxBy(file => file.Value.Length);
        bytes[bytes.Length / 2] ^= 1;

        var failure = await Assert.ThrowsAsync<DamagedPackException>(() =>
            TestRepository.DumpAsync(repository.Open, snapshot)
        );

        Assert.Equal(pack.Name, failure.Pack);
        Assert.Equal(0, repository.Open.Buffers.Rented);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pack_that_is_missing_or_short_fails_the_dump(bool isMissing)
    {
        var repository = await TestRepository.CreateAsync();
        var result = await repository.BackupAsync(SeededBytes.Random("short", 3_000_000));
        var snapshot = await repository.Open.SnapshotAsync(result.SnapshotId, Cancellation);
        var (pack, bytes) = repository
            .Backend.Files.Where(file => file.Key.Kind == FileKind.Pack)
            .MaxBy(file => file.Value.Length);
        if (isMissing)
        {
            repository.Backend.Files.Remove(pack);
        }
        else
        {
            repository.Backend.Files[pack] = bytes[..100_000];
        }

        await Assert.ThrowsAsync<DamagedPackException>(() => TestRepository.DumpAsync(repository.Open, snapshot));
    }

    [Fact]
    public async Task A_blob_whose_seal_is_whole_but_whose_content_is_anothers_fails_the_dump()
    {
        var repository = await TestRepository.CreateAsync();
        var result = await repository.BackupAsync([
            new TestSource("one.sql", SeededBytes.Random("one", 1_000)),
            new TestSource("two.sql", SeededBytes.Random("two", 1_000)),
        ]);
        var snapshot = await repository.Open.SnapshotAsync(result.SnapshotId, Cancellation);

        // An index that lies: it places each of two blobs of one length where the other is.
        var entries = (await repository.Open.LoadIndexAsync(Cancellation)).Index.Entries().ToList();
        var data = entries.Where(entry => entry.Entry.Blob.Type == BlobType.Data).ToList();
        var index = new RepositoryIndex();
        index.Add(
            data[0].Pack,
            [data[0].Entry with { Blob = data[1].Entry.Blob }, data[1].Entry with { Blob = data[0].Entry.Blob }]
        );
        foreach (var tree in entries.Except(data).GroupBy(entry => entry.Pack))
        {
            index.Add(tree.Key, [.. tree.Select(entry => entry.Entry)]);
        }

        using var destination = new MemoryStream();
        var failure = await Assert.ThrowsAsync<DamagedPackException>(() =>
            new IndexedRepository(repository.Open, index).DumpAsync(
                snapshot,
                "/one.sql",
                destination,
                new DumpOptions(),
                null,
                Cancellation
            )
        );

        Assert.Equal(data[0].Pack.ToString(), failure.Pack);
        Assert.Equal(0, destination.Length);
    }

    [Fact]
    public async Task A_blob_in_no_index_fails_the_dump_before_it_begins()
    {
        var repository = await TestRepository.CreateAsync();
        var result = await repository.BackupAsync(SeededBytes.Random("unindexed", 3_000_000));
        var snapshot = await repository.Open.SnapshotAsync(result.SnapshotId, Cancellation);
        var index = new RepositoryIndex();
        foreach (
            var entry in (await repository.Open.LoadIndexAsync(Cancellation))
                .Index.Entries()
                .Where(entry => entry.Entry.Blob.Type == BlobType.Tree)
        )
        {
            index.Add(entry.Pack, [entry.Entry]);
        }

        using var destination = new MemoryStream();
        await Assert.ThrowsAsync<MissingBlobException>(() =>
            new IndexedRepository(repository.Open, index).DumpAsync(
                snapshot,
                "/db.sql",
                destination,
                new DumpOptions(),
                null,
                Cancellation
            )
        );

        Assert.Equal(0, destination.Length);
    }

    [Fact]
    public async Task A_destination_that_breaks_stops_the_dump()
    {
        var repository = await TestRepository.CreateAsync();
        var result = await repository.BackupAsync(SeededBytes.Random("broken", 6_000_000));
        var snapshot = await repository.Open.SnapshotAsync(result.SnapshotId, Cancellation);
        var indexed = await repository.Open.LoadIndexAsync(Cancellation);
        await using var full = new FullStream();

        var failure = await Assert.ThrowsAsync<IOException>(() =>
            indexed.DumpAsync(snapshot, "/db.sql", full, new DumpOptions(), null, Cancellation)
        );

        Assert.Equal("the pipe is closed", failure.Message);
    }

    [Fact]
    public async Task A_failing_store_fails_the_dump_with_its_own_words()
    {
        var made = await TestRepository.CreateAsync();
        var result = await made.BackupAsync(SeededBytes.Random("denied", 3_000_000));
        var faulty = new FaultyBackend(made.Backend);
        var repository = await TestRepository.OpenThroughAsync(faulty);
        var snapshot = await repository.SnapshotAsync(result.SnapshotId, Cancellation);
        var indexed = await repository.LoadIndexAsync(Cancellation);
        faulty.Fail(StorageOperation.Read, 2, Fault.Denied);

        var failure = await Assert.ThrowsAsync<StorageException>(() =>
            indexed.DumpAsync(snapshot, "/db.sql", Stream.Null, new DumpOptions(), null, Cancellation)
        );

        Assert.Equal(StorageError.AccessDenied, failure.Error);
    }

    [Fact]
    public void Runs_join_neighbours_bridge_small_gaps_and_stay_short()
    {
        var pack = new PackId(Sha256Id.Of("pack"u8));
        var content = new Sha256IdList();
        var places = new Dictionary<BlobId, BlobLocation>();
        uint offset = 0;
        for (var i = 0; i < 20; i++)
        {
            var id = BlobId.Of(BitConverter.GetBytes(i));
            places[id] = new BlobLocation(
                pack,
                new PackEntry(new BlobHandle(BlobType.Data, id), offset, 100_000, 0),
                false
            );
            offset += i == 9 ? 300_000u : 150_000u;
            content.Add(id.Hash);
        }

        var pieces = RunPlan.Next(content, 0, blob => places[blob.Id], 64 << 20, 1_000_000);

        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => content[i]),
            pieces.Select(piece => piece.Place.Entry.Blob.Id.Hash)
        );
        var runs = pieces.Select(piece => piece.Run).Distinct().ToList();
        Assert.All(runs, run => Assert.InRange(run.Length, 100_000, 1_000_000));
        Assert.All(pieces, piece =>
            Assert.InRange(
                piece.Place.Entry.Offset + piece.Place.Entry.Length,
                piece.Run.Offset,
                piece.Run.Offset + (uint)piece.Run.Length
            )
        );

        // The gap of 200,000 behind the tenth blob is longer than a blob: nothing bridges it.
        Assert.NotSame(pieces[9].Run, pieces[10].Run);
        Assert.Same(pieces[0].Run, pieces[1].Run);
    }

    [Fact]
    public void A_stretch_fetches_a_repeated_blob_once_and_respects_its_size()
    {
        var content = new Sha256IdList();
        var zero = BlobId.Of("zero"u8);
        for (var i = 0; i < 50; i++)
        {
            content.Add(zero.Hash);
        }

        var place = new BlobLocation(default, new PackEntry(new BlobHandle(BlobType.Data, zero), 0, 1000, 0), false);

        var pieces = RunPlan.Next(content, 0, _ => place, maximumBytes: 10, maximumRun: 100);

        Assert.Equal(50, pieces.Count);
        Assert.Single(pieces.Select(piece => piece.Run).Distinct());
    }

    private sealed class FullStream : MemoryStream
    {
        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => throw new IOException("the pipe is closed");
    }
}
