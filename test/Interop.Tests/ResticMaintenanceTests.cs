using System.Text.Json.Nodes;
using Granary.Engine.Archiving;
using Granary.Engine.Checking;
using Granary.Engine.Maintenance;
using Granary.Engine.Packing;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Engine.Retention;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;

namespace Granary.Interop.Tests;

/// <summary>With the newest restic.</summary>
public sealed class CurrentResticMaintenanceTests() : ResticMaintenanceTests(ResticRelease.Current);

/// <summary>With restic 0.14.</summary>
public sealed class OldResticMaintenanceTests() : ResticMaintenanceTests(ResticRelease.Old);

/// <summary>The reference program and the engine look after one repository in turn.</summary>
public abstract class ResticMaintenanceTests : IAsyncDisposable
{
    private const string Password = "interop-password";
    private static readonly LockOwner Owner = new("interop-host", "tester", Environment.ProcessId);
    private static readonly KeyCost Cheap = new(1024, 8, 1);
    private static readonly PruneOptions Thorough = new() { MaxUnused = UnusedLimit.Bytes(0) };

    private readonly TempDirectory _folder = new();
    private readonly LocalBackend _backend;
    private readonly ResticRelease _release;
    private readonly ResticCli _restic;

    protected ResticMaintenanceTests(ResticRelease release)
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
    public async Task Restic_checks_and_dumps_what_we_forgot_and_pruned(int version)
    {
        var open = await InitAsync(version);
        await BackupAsync(open, Noise(0, 1));
        await ResticBackupAsync(Noise(1, 2));
        await BackupAsync(open, Noise(2, 3));
        await ResticBackupAsync(Noise(3, 4));

        await ForgetAsync(open, keepLast: 2);
        var pruned = await PruneAsync(open);

        Assert.True(pruned.PacksDeleted > 0);
        await ResticCheckAsync();
        Assert.Equal(Noise(3, 4), await ResticDumpAsync("latest"));
        Assert.Equal(2, JsonNode.Parse(await ResticAsync("snapshots", "--json"))!.AsArray().Count);
        var again = await ResticAsync("prune", "--dry-run", "--max-unused", "0");
        Assert.Matches(@"total prune:\s+0 blobs", again);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task We_check_and_dump_what_restic_forgot_and_pruned(int version)
    {
        var open = await InitAsync(version);
        await BackupAsync(open, Noise(0, 1));
        await BackupAsync(open, Noise(1, 2));
        await ResticBackupAsync(Noise(2, 3));

        await ResticAsync("forget", "--group-by", "", "--keep-last", "2", "--prune", "--max-unused", "0");

        var report = await CheckAsync(open);
        Assert.True(report.IsSound, string.Join("; ", report.Errors));
        Assert.Equal(2, report.Snapshots);
        Assert.Equal(Noise(2, 3), await DumpAsync(open));
        var pruned = await PruneAsync(open);
        Assert.Equal(0, pruned.Statistics.BytesFreed);
        await ResticCheckAsync();
    }

    [Theory]
    [InlineData(StatsMode.RestoreSize, "restore-size")]
    [InlineData(StatsMode.FilesByContents, "files-by-contents")]
    [InlineData(StatsMode.BlobsPerFile, "blobs-per-file")]
    [InlineData(StatsMode.RawData, "raw-data")]
    public async Task Our_measurements_are_restics(StatsMode mode, string name)
    {
        var open = await InitAsync(version: 2);
        await BackupAsync(open, Noise(0, 1));
        await BackupAsync(open, [.. Noise(1, 2), .. SeededBytes.CopyText("text", 2_000_000)]);
        await BackupAsync(open, Noise(0, 1));
        var theirs = JsonNode.Parse(await ResticAsync("stats", "--mode", name, "--json"))!;

        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        var ours = await (await open.LoadIndexAsync(Cancellation)).StatsAsync(snapshots, mode, null, Cancellation);

        Assert.Equal(theirs["total_size"]!.GetValue<long>(), ours.TotalSize);
        Assert.Equal(theirs["total_file_count"]?.GetValue<long>() ?? 0, ours.TotalFileCount);
        Assert.Equal(theirs["total_blob_count"]?.GetValue<long>() ?? 0, ours.TotalBlobCount);
        Assert.Equal(theirs["snapshots_count"]!.GetValue<int>(), ours.SnapshotsCount);
        if (_release != ResticRelease.Old)
        {
            // 0.14 does not measure compression.
            Assert.Equal(theirs["total_uncompressed_size"]?.GetValue<long>(), ours.TotalUncompressedSize);
            Assert.Equal(
                theirs["compression_ratio"]?.GetValue<double>() ?? 0,
                ours.CompressionRatio ?? 0,
                precision: 9
            );
            Assert.Equal(
                theirs["compression_progress"]?.GetValue<double>() ?? 0,
                ours.CompressionProgress ?? 0,
                precision: 9
            );
            Assert.Equal(
                theirs["compression_space_saving"]?.GetValue<double>() ?? 0,
                ours.CompressionSpaceSaving ?? 0,
                precision: 9
            );
        }
    }

    [Fact]
    public async Task Keys_of_one_open_with_the_other()
    {
        var open = await InitAsync(version: 2);
        await using (var held = await open.LockAsync(LockMode.Shared, Owner, Cancellation))
        {
            await open.AddKeyAsync(
                new Secret("ours"),
                new KeyOptions
                {
                    Hostname = "granary",
                    Username = "us",
                    Cost = Cheap,
                },
                held,
                Cancellation
            );
        }

        await File.WriteAllTextAsync(_folder["theirs"], "theirs", Cancellation);
        await ResticAsync("key", "add", "--new-password-file", _folder["theirs"]);

        var list = await new ResticCli(_folder["repo"], "ours", release: _release).RunAsync(
            ["key", "list", "--json"],
            cancellationToken: Cancellation
        );
        var keys = JsonNode.Parse(list.Succeeded().Output)!.AsArray();
        Assert.Equal(3, keys.Count);
        Assert.Contains(keys, key => key!["userName"]!.GetValue<string>() == "us" && key["current"]!.GetValue<bool>());
        var again = await Repository.OpenAsync(_backend, new Secret("theirs"), new OpenOptions(), Cancellation);
        Assert.Equal(3, (await again.KeysAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task Restic_accepts_an_upgraded_repository()
    {
        var open = await InitAsync(version: 1);
        await BackupAsync(open, Noise(0, 1));
        await using (var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation))
        {
            await open.MigrateAsync(open.PlanMigration(), held, Path.GetTempPath(), Cancellation);
        }

        await ResticCheckAsync();
        Assert.Equal(Noise(0, 1), await ResticDumpAsync("latest"));
        Assert.Contains("\"version\": 2", await ResticAsync("cat", "config"), StringComparison.Ordinal);
        await ResticBackupAsync(Noise(1, 2));
        Assert.True((await CheckAsync(await OpenAsync())).IsSound);
    }

    [Fact]
    public async Task Restic_accepts_an_index_that_we_made_anew()
    {
        var open = await InitAsync(version: 2);
        await ResticBackupAsync(Noise(0, 1));
        Directory.Delete(_folder["repo/index"], recursive: true);
        Directory.CreateDirectory(_folder["repo/index"]);

        await using (var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation))
        {
            var plan = await open.PlanRepairIndexAsync(readAllPacks: false, held, progress: null, Cancellation);
            await open.RepairIndexAsync(plan, held, null, Cancellation);
        }

        await ResticCheckAsync();
        Assert.Equal(Noise(0, 1), await ResticDumpAsync("latest"));
    }

    private static byte[] Noise(int first, int second) =>
        [.. SeededBytes.Random($"noise {first}", 3_000_000), .. SeededBytes.Random($"noise {second}", 3_000_000)];

    private Task<OpenRepository> InitAsync(int version) =>
        Repository.InitAsync(
            _backend,
            new Secret(Password),
            new InitOptions { Cost = Cheap, Version = version },
            Cancellation
        );

    private Task<OpenRepository> OpenAsync() =>
        Repository.OpenAsync(_backend, new Secret(Password), new OpenOptions(), Cancellation);

    private static async Task BackupAsync(OpenRepository open, byte[] content)
    {
        await using var held = await open.LockAsync(LockMode.Shared, Owner, Cancellation);
        var options = new BackupOptions
        {
            Hostname = "host-0",
            Store = new StoreOptions { PackSize = 4 << 20 },
        };
        await (await open.LoadIndexAsync(Cancellation)).BackupAsync(
            [new BytesSource("db.sql", content)],
            options,
            null,
            held,
            Cancellation
        );
    }

    private static async Task<byte[]> DumpAsync(OpenRepository open)
    {
        var snapshot = await open.FindSnapshotAsync("latest", SnapshotFilter.All, Cancellation);
        using var content = new MemoryStream();
        await (await open.LoadIndexAsync(Cancellation)).DumpAsync(
            snapshot,
            "db.sql",
            content,
            new DumpOptions(),
            null,
            Cancellation
        );
        return content.ToArray();
    }

    private static async Task ForgetAsync(OpenRepository open, int keepLast)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation);
        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        var plan = ForgetPlan.For(
            snapshots,
            new RetentionPolicy { Last = keepLast },
            SnapshotGrouping.None,
            DateTimeOffset.UtcNow
        );
        Assert.Empty((await open.ForgetAsync(plan, held, null, Cancellation)).Failed);
    }

    private static async Task<PruneResult> PruneAsync(OpenRepository open)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation);
        var plan = await open.PlanPruneAsync(Thorough, held, null, Cancellation);
        return await open.PruneAsync(plan, held, null, Cancellation);
    }

    private static async Task<CheckReport> CheckAsync(OpenRepository open)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation);
        return await open.CheckAsync(new CheckOptions { ReadData = new PackSubset.All() }, held, null, Cancellation);
    }

    private async Task ResticCheckAsync() =>
        Assert.Contains("no errors were found", await ResticAsync("check", "--read-data"), StringComparison.Ordinal);

    private async Task<string> ResticAsync(params string[] arguments)
    {
        var result = (await _restic.RunAsync(arguments, cancellationToken: Cancellation)).Succeeded();
        return result.Output;
    }

    private async Task<byte[]> ResticDumpAsync(string snapshot)
    {
        using var output = new MemoryStream();
        (
            await _restic.RunAsync(["dump", snapshot, "/db.sql"], output: output, cancellationToken: Cancellation)
        ).Succeeded();
        return output.ToArray();
    }

    private async Task ResticBackupAsync(byte[] data) =>
        (
            await _restic.RunAsync(
                ["backup", "--stdin", "--stdin-filename", "db.sql", "--host", "host-0"],
                new MemoryStream(data),
                cancellationToken: Cancellation
            )
        ).Succeeded();
}
