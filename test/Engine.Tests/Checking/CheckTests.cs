using Granary.Engine.Archiving;
using Granary.Engine.Checking;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Maintenance;
using Granary.Engine.Packing;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Blobs;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Tests.Maintenance;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Checking;

public sealed class CheckTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sound_repository_has_no_findings()
    {
        var bench = await Bench.WithThreeBackupsAsync();

        var report = await Bench.CheckAsync(await bench.OpenAsync());

        Assert.Empty(report.Errors);
        Assert.Empty(report.Hints);
        Assert.Equal(3, report.Snapshots);
        Assert.Equal(bench.Files(FileKind.Pack).Count(), report.PacksRead);
        Assert.Equal(
            bench.Backend.Files.Where(file => file.Key.Kind == FileKind.Pack).Sum(file => (long)file.Value.Length),
            report.BytesRead
        );
    }

    [Theory]
    [InlineData(FileKind.Pack)]
    [InlineData(FileKind.Index)]
    [InlineData(FileKind.Snapshot)]
    public async Task A_flipped_bit_in_any_file_is_found_and_the_file_is_named(FileKind kind)
    {
        var sound = await Bench.WithThreeBackupsAsync();
        foreach (var file in sound.Files(kind))
        {
            var bench = sound.Copy();
            var content = bench.Backend.Files[file];
            content[content.Length / 2] ^= 1;

            var report = await Bench.CheckAsync(await bench.OpenAsync());

            Assert.Contains(report.Errors, error => error.File == file.ToString());
        }
    }

    [Fact]
    public async Task A_file_whose_size_is_not_that_of_its_chunks_is_pointed_out_but_no_damage()
    {
        var repository = await TestRepository.CreateAsync();
        var sound = await repository.BackupAsync(SeededBytes.Random("content", 100_000));
        var snapshot = await WithTreeAsync(repository, sound.Record, node => node with { Size = node.Size + 1 });

        var report = await Bench.CheckAsync(repository.Open);

        await Assert.ThrowsAsync<DamagedFileException>(() => TestRepository.DumpAsync(repository.Open, snapshot));
        Assert.Contains(
            "has 100001 bytes, but its chunks have 100000",
            Assert.Single(report.Hints).Message,
            StringComparison.Ordinal
        );
        Assert.True(report.IsSound);
        await Bench.PruneAsync(repository.Open);
    }

    [Fact]
    public async Task Blobs_that_the_index_places_over_each_other_are_found_without_reading_packs()
    {
        var repository = await TestRepository.CreateAsync();
        await repository.BackupAsync(SeededBytes.Random("content", 8_000_000));
        var file = Assert.Single(repository.Backend.Files.Keys, handle => handle.Kind == FileKind.Index);
        var packs = await repository.Open.Stored.LoadAsync(
            FileKind.Index,
            Sha256Id.Parse(file.Name),
            json => IndexJson.Read(2, json).ToList(),
            Cancellation
        );
        var bad = packs.ConvertAll(pack =>
            pack with
            {
                Blobs =
                [
                    .. pack.Blobs.Select(blob => blob.Offset == 0 ? blob : blob with { Offset = blob.Offset - 1 }),
                ],
            }
        );
        Assert.Contains(bad, pack => pack.Blobs.Count > 1);
        repository.Backend.Files.Remove(file);
        await repository.Open.Stored.Documents.SaveAsync(
            repository.Backend,
            FileKind.Index,
            IndexJson.Write(bad),
            Cancellation
        );

        var report = await Bench.CheckAsync(repository.Open, new PackSubset.None());

        Assert.Equal(
            bad.Where(pack => pack.Blobs.Count > 1).Select(pack => $"pack/{pack.Id}").Order(StringComparer.Ordinal),
            report.Errors.Select(error => error.File)
        );
    }

    [Fact]
    public async Task A_flipped_bit_in_another_key_is_found()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var open = await bench.OpenAsync();
        string added;
        await using (var held = await open.LockAsync(LockMode.Shared, Bench.Owner, Cancellation))
        {
            added = await open.AddKeyAsync(
                new Secret("other"),
                new KeyOptions { Cost = Bench.Cheap },
                held,
                Cancellation
            );
        }

        var file = new FileHandle(FileKind.Key, added);
        bench.Backend.Files[file][50] ^= 1;
        var report = await Bench.CheckAsync(open);

        Assert.Equal(file.ToString(), Assert.Single(report.Errors).File);
    }

    [Fact]
    public async Task A_flipped_bit_in_config_is_named_by_whatever_opens_the_repository()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        bench.Backend.Files[FileHandle.Config][40] ^= 1;

        var damaged = await Assert.ThrowsAsync<DamagedFileException>(() => bench.OpenAsync());

        Assert.Equal("config", damaged.File);
    }

    [Fact]
    public async Task A_missing_pack_is_named()
    {
        var sound = await Bench.WithThreeBackupsAsync();
        foreach (var file in sound.Files(FileKind.Pack))
        {
            var bench = sound.Copy();
            bench.Backend.Files.Remove(file);

            var report = await Bench.CheckAsync(await bench.OpenAsync(), new PackSubset.None());

            Assert.Contains(report.Errors, error => error.File == file.ToString());
        }
    }

    [Fact]
    public async Task A_missing_index_is_noticed_by_the_snapshots_that_need_it_and_its_packs_are_counted()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        bench.Backend.Files.Remove(bench.Files(FileKind.Index).First());

        var report = await Bench.CheckAsync(await bench.OpenAsync());

        Assert.Contains(report.Errors, error => error.File.StartsWith("snapshot/", StringComparison.Ordinal));
        Assert.NotEmpty(report.UnreferencedPacks);
    }

    [Fact]
    public async Task A_pack_cut_short_is_found_without_reading_it()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var file = bench.Files(FileKind.Pack).First();
        bench.Backend.Files[file] = bench.Backend.Files[file][..^1];

        var report = await Bench.CheckAsync(await bench.OpenAsync(), new PackSubset.None());

        Assert.Contains(report.Errors, error => error.File == file.ToString());
        Assert.Equal(0, report.PacksRead);
    }

    [Fact]
    public async Task An_orphaned_pack_is_counted_and_no_error()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var orphan = new FileHandle(FileKind.Pack, Sha256Id.Of([7]).ToString());
        bench.Backend.Files[orphan] = new byte[500];

        var report = await Bench.CheckAsync(await bench.OpenAsync());

        Assert.True(report.IsSound);
        Assert.Equal([orphan.Name], report.UnreferencedPacks);
    }

    [Fact]
    public async Task All_parts_together_read_every_pack_once()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var read = 0;
        for (var part = 1; part <= 3; part++)
        {
            read += (await Bench.CheckAsync(await bench.OpenAsync(), PackSubset.Parse($"{part}/3"))).PacksRead;
        }

        Assert.Equal(bench.Files(FileKind.Pack).Count(), read);
    }

    [Theory]
    [InlineData("1/0")]
    [InlineData("3/2")]
    [InlineData("0/2")]
    [InlineData("1/257")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("-5M")]
    [InlineData("much")]
    [InlineData("")]
    public void Impossible_subsets_are_refused(string text) =>
        Assert.Throws<FormatException>(() => PackSubset.Parse(text));

    [Fact]
    public void Subsets_are_read_as_restic_reads_them()
    {
        Assert.Equal(new PackSubset.Part(2, 5), PackSubset.Parse("2/5"));
        Assert.Equal(new PackSubset.Percent(2.5), PackSubset.Parse("2.5%"));
        Assert.Equal(new PackSubset.Size(500 << 20), PackSubset.Parse("500M"));
        Assert.Equal(new PackSubset.Size(7), PackSubset.Parse("7"));
    }

    /// <summary>Stores a snapshot that is like another, but for the nodes of its root.</summary>
    private static async Task<Snapshot> WithTreeAsync(
        TestRepository repository,
        SnapshotRecord like,
        Func<TreeNode, TreeNode> change
    )
    {
        await using var held = await repository.Open.LockAsync(LockMode.Shared, Bench.Owner, Cancellation);
        var indexed = await repository.Open.LoadIndexAsync(Cancellation);
        var nodes = await indexed.Trees.ReadAsync(like.Tree, "the test", Cancellation);
        await using var crew = new Crew(Cancellation);
        using var store = new BlobStore(repository.Open, indexed.Index, held.Backend, new StoreOptions(), crew);
        var tree = await store.AddTreeAsync(nodes.ConvertAll(node => change(node)), Cancellation);
        await store.FinishAsync();
        var record = like with { Tree = tree.Id };
        var name = await repository.Open.Stored.Documents.SaveAsync(
            held.Backend,
            FileKind.Snapshot,
            SnapshotJson.ToJson(record),
            Cancellation
        );
        return new Snapshot(new SnapshotId(name), record);
    }
}
