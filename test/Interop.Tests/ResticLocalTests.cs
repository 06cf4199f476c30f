using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Granary.Engine;
using Granary.Engine.Archiving;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;

namespace Granary.Interop.Tests;

/// <summary>With the newest restic.</summary>
public sealed class CurrentResticLocalTests() : ResticLocalTests(ResticRelease.Current);

/// <summary>With restic 0.14.</summary>
public sealed class OldResticLocalTests() : ResticLocalTests(ResticRelease.Old);

/// <summary>The reference program and the engine on one repository on a local disk, in both directions.</summary>
public abstract partial class ResticLocalTests : IAsyncDisposable
{
    private const string Password = "interop-password";

    private static readonly LockOwner Owner = new("interop-host", "tester", Environment.ProcessId);

    private static readonly InitOptions Cheap = new() { Cost = new KeyCost(1024, 8, 1) };

    private readonly TempDirectory _folder = new();

    private readonly LocalBackend _backend;

    private readonly ResticRelease _release;

    private readonly ResticCli _restic;

    protected ResticLocalTests(ResticRelease release)
    {
        _release = release;
        _backend = LocalBackend.Create(new LocalOptions { Path = _folder["repo"] }, TimeProvider.System);
        _restic = new ResticCli(_folder["repo"], Password, release: release);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _backend.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Restic_checks_lists_and_dumps_what_we_wrote(int version)
    {
        var data = SeededBytes.CopyText("ours", 30_000_000);
        var repository = await Repository.InitAsync(
            _backend,
            new Secret(Password),
            Cheap with
            {
                Version = version,
            },
            Cancellation
        );

        var result = await BackupAsync(
            repository,
            [new BytesSource("/dumps/pg/we\"ir <d>é.sql", data), new BytesSource("globals.sql", data[..1000])]
        );

        Assert.Equal(30_001_000, result.Summary.TotalBytesProcessed);
        await CheckAsync();
        Assert.Equal(data, await ResticDumpAsync(result.SnapshotId.ToString(), "/dumps/pg/we\"ir <d>é.sql"));
        Assert.Equal(data[..1000], await ResticDumpAsync("latest", "/globals.sql"));
        var snapshots = (
            await _restic.RunAsync(["snapshots", "--json", "--tag", "nightly"], cancellationToken: Cancellation)
        ).Succeeded();
        Assert.Contains(result.SnapshotId.ToString(), snapshots.Output, StringComparison.Ordinal);
        Assert.Contains("\"hostname\":\"host-0\"", snapshots.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task We_dump_and_verify_what_restic_wrote(int version)
    {
        var data = SeededBytes.CopyText("theirs", 30_000_000);
        (
            await _restic.RunAsync(
                ["init", "--repository-version", version.ToString()],
                cancellationToken: Cancellation
            )
        ).Succeeded();
        await ResticBackupAsync("db.sql", data);

        var repository = await Repository.OpenAsync(_backend, new Secret(Password), new OpenOptions(), Cancellation);
        var snapshot = await repository.FindSnapshotAsync(
            "latest",
            new SnapshotFilter { Hosts = ["host-0"], Paths = ["/db.sql"] },
            Cancellation
        );
        var indexed = await repository.LoadIndexAsync(Cancellation);
        using var dumped = new MemoryStream();
        await indexed.DumpAsync(
            snapshot,
            "db.sql",
            dumped,
            new DumpOptions { ReadAhead = 4 << 20 },
            null,
            Cancellation
        );
        var proof = await indexed.VerifySnapshotAsync(snapshot.Id, Cancellation);

        Assert.Equal(SHA256.HashData(data), SHA256.HashData(dumped.ToArray()));
        Assert.Equal(data.Length, proof.Bytes);
    }

    [Fact]
    public async Task Equal_cuts_make_the_same_stream_free_in_both_directions()
    {
        var ours = SeededBytes.Random("ours", 20_000_000);
        var theirs = SeededBytes.Random("theirs", 20_000_000);
        var repository = await Repository.InitAsync(_backend, new Secret(Password), Cheap, Cancellation);
        await BackupAsync(repository, [new BytesSource("db.sql", ours)]);
        await ResticBackupAsync("db.sql", theirs);

        var theirAgain = await ResticBackupAsync("db.sql", ours);
        var ourAgain = await BackupAsync(repository, [new BytesSource("db.sql", theirs)]);

        Assert.Equal(0, theirAgain);
        Assert.Equal(0, ourAgain.Summary.DataBlobs);
        await CheckAsync();
    }

    [Theory]
    [InlineData(CompressionMode.Off)]
    [InlineData(CompressionMode.Fastest)]
    [InlineData(CompressionMode.Max)]
    public async Task Restic_reads_every_compression(CompressionMode mode)
    {
        var data = SeededBytes.CopyText(mode.ToString(), 3_000_000);
        var repository = await Repository.InitAsync(_backend, new Secret(Password), Cheap, Cancellation);

        await BackupAsync(
            repository,
            [new BytesSource("db.sql", data)],
            new StoreOptions { Compression = mode, PackSize = 4 << 20 }
        );

        await CheckAsync();
        Assert.Equal(data, await ResticDumpAsync("latest", "/db.sql"));
    }

    [Fact]
    public async Task Our_default_level_takes_at_most_three_percent_more_room_than_restics()
    {
        var data = SeededBytes.CopyText("room", 30_000_000);
        var repository = await Repository.InitAsync(_backend, new Secret(Password), Cheap, Cancellation);
        await BackupAsync(repository, [new BytesSource("db.sql", data)]);
        var theirs = new ResticCli(_folder["theirs"], Password, release: _release);
        (await theirs.RunAsync(["init"], cancellationToken: Cancellation)).Succeeded();
        (
            await theirs.RunAsync(["backup", "--stdin"], new MemoryStream(data), cancellationToken: Cancellation)
        ).Succeeded();

        Assert.InRange(SizeOf("repo") / (double)SizeOf("theirs"), 0.5, 1.03);

        long SizeOf(string name) =>
            new DirectoryInfo(_folder[name]).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
    }

    [Fact]
    public async Task Restic_prunes_and_rewrites_what_we_wrote()
    {
        var repository = await Repository.InitAsync(_backend, new Secret(Password), Cheap, Cancellation);
        var kept = SeededBytes.Random("kept", 6_000_000);
        await BackupAsync(repository, [new BytesSource("db.sql", SeededBytes.Random("gone", 6_000_000))]);
        await BackupAsync(repository, [new BytesSource("db.sql", kept)]);

        (
            await _restic.RunAsync(
                ["forget", "--keep-last", "1", "--prune", "--max-unused", "0"],
                cancellationToken: Cancellation
            )
        ).Succeeded();
        (await _restic.RunAsync(["tag", "--add", "kept"], cancellationToken: Cancellation)).Succeeded();

        var snapshot = Assert.Single(await repository.SnapshotsAsync(SnapshotFilter.All, Cancellation));
        Assert.Equal(["nightly", "kept"], snapshot.Record.Tags);
        Assert.NotNull(snapshot.Record.Original);
        using var dumped = new MemoryStream();
        await (await repository.LoadIndexAsync(Cancellation)).DumpAsync(
            snapshot,
            "/db.sql",
            dumped,
            new DumpOptions(),
            null,
            Cancellation
        );
        Assert.Equal(kept, dumped.ToArray());
    }

    private static async Task<BackupResult> BackupAsync(
        OpenRepository repository,
        IReadOnlyList<ISource> sources,
        StoreOptions? store = null
    )
    {
        await using var held = await repository.LockAsync(LockMode.Shared, Owner, Cancellation);
        var indexed = await repository.LoadIndexAsync(Cancellation);
        var options = new BackupOptions
        {
            Hostname = "host-0",
            Username = "tester",
            Tags = ["nightly"],
            Store = store ?? new StoreOptions(),
        };
        var result = await indexed.BackupAsync(sources, options, null, held, Cancellation);
        await indexed.VerifySnapshotAsync(result.SnapshotId, Cancellation);
        Assert.Equal(0, repository.Buffers.Rented);
        return result;
    }

    private async Task CheckAsync()
    {
        var check = (await _restic.RunAsync(["check", "--read-data"], cancellationToken: Cancellation)).Succeeded();
        Assert.Contains("no errors were found", check.Output + check.Error, StringComparison.Ordinal);
    }

    private async Task<byte[]> ResticDumpAsync(string snapshot, string path)
    {
        using var output = new MemoryStream();
        (await _restic.RunAsync(["dump", snapshot, path], output: output, cancellationToken: Cancellation)).Succeeded();
        return output.ToArray();
    }

    /// <returns>How many data blobs were new to the repository.</returns>
    private async Task<int> ResticBackupAsync(string name, byte[] data)
    {
        string[] arguments = ["backup", "--json", "--stdin", "--stdin-filename", name, "--host", "host-0"];
        var result = (
            await _restic.RunAsync(arguments, new MemoryStream(data), cancellationToken: Cancellation)
        ).Succeeded();
        var lines = result
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!);
        return lines.Single(line => line["message_type"]!.GetValue<string>() == "summary")[
            "data_blobs"
        ]!.GetValue<int>();
    }
}
