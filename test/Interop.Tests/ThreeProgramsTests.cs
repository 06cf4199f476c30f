using System.Text.Json.Nodes;
using Granary.Engine.Archiving;
using Granary.Engine.Checking;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Engine.Retention;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;

namespace Granary.Interop.Tests;

/// <summary>
/// The engine, the newest restic and an old one write into one repository in turn and look after it in turn.
/// </summary>
public sealed class ThreeProgramsTests : IAsyncDisposable
{
    private const string Password = "interop-password";
    private static readonly LockOwner Owner = new("interop-host", "tester", Environment.ProcessId);

    private readonly TempDirectory _folder = new();
    private readonly LocalBackend _backend;
    private readonly ResticCli[] _restics;

    public ThreeProgramsTests()
    {
        _backend = LocalBackend.Create(new LocalOptions { Path = _folder["repo"] }, TimeProvider.System);
        _restics =
        [
            .. new[] { ResticRelease.Current, ResticRelease.Old }.Select(release => new ResticCli(
                _folder["repo"],
                Password,
                release: release
            )),
        ];
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_finds_the_others_chunks_and_each_may_forget_and_prune(int version)
    {
        var open = await Repository.InitAsync(
            _backend,
            new Secret(Password),
            new InitOptions { Cost = new KeyCost(1024, 8, 1), Version = version },
            Cancellation
        );
        var writers = new Func<byte[], Task<long>>[]
        {
            data => BackupAsync(open, data),
            data => BackupAsync(_restics[0], data),
            data => BackupAsync(_restics[1], data),
        };
        var pruners = new Func<int, Task>[]
        {
            keep => ForgetAndPruneAsync(open, keep),
            keep => ForgetAndPruneAsync(_restics[0], keep),
            keep => ForgetAndPruneAsync(_restics[1], keep),
        };

        for (var first = 0; first < writers.Length; first++)
        {
            // A third of it is in the one before, so that packs become part used, part unused.
            var data = Dump(first);

            Assert.True(await writers[first](data) > 0);
            Assert.Equal(0, await writers[(first + 1) % 3](data));
            Assert.Equal(0, await writers[(first + 2) % 3](data));
            await pruners[(first + 1) % 3](2);

            await AssertSoundAsync(open, data);
        }
    }

    private static byte[] Dump(int turn) =>
        [
            .. SeededBytes.CopyText($"rows {turn}", 3_000_000),
            .. SeededBytes.Random($"noise {turn}", 3_000_000),
            .. SeededBytes.CopyText($"rows {turn + 1}", 3_000_000),
        ];

    private async Task AssertSoundAsync(OpenRepository open, byte[] latest)
    {
        await using (var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation))
        {
            var report = await open.CheckAsync(
                new CheckOptions { ReadData = new PackSubset.All() },
                held,
                null,
                Cancellation
            );
            Assert.True(report.IsSound, string.Join("; ", report.Errors));
        }

        var snapshot = await open.FindSnapshotAsync("latest", SnapshotFilter.All, Cancellation);
        using var ours = new MemoryStream();
        await (await open.LoadIndexAsync(Cancellation)).DumpAsync(
            snapshot,
            "/db.sql",
            ours,
            new DumpOptions(),
            null,
            Cancellation
        );
        Assert.Equal(latest, ours.ToArray());
        foreach (var restic in _restics)
        {
            (await restic.RunAsync(["check", "--read-data"], cancellationToken: Cancellation)).Succeeded();
            using var theirs = new MemoryStream();
            (
                await restic.RunAsync(["dump", "latest", "/db.sql"], output: theirs, cancellationToken: Cancellation)
            ).Succeeded();
            Assert.Equal(latest, theirs.ToArray());
        }
    }

    private static async Task<long> BackupAsync(OpenRepository open, byte[] data)
    {
        await using var held = await open.LockAsync(LockMode.Shared, Owner, Cancellation);
        var indexed = await open.LoadIndexAsync(Cancellation);
        return (
            await indexed.BackupAsync(
                [new BytesSource("db.sql", data)],
                new BackupOptions { Hostname = "host-0" },
                null,
                held,
                Cancellation
            )
        )
            .Summary
            .DataBlobs;
    }

    private static async Task<long> BackupAsync(ResticCli restic, byte[] data)
    {
        string[] arguments = ["backup", "--json", "--stdin", "--stdin-filename", "db.sql", "--host", "host-0"];
        var result = (
            await restic.RunAsync(arguments, new MemoryStream(data), cancellationToken: Cancellation)
        ).Succeeded();
        return JsonNode.Parse(result.Output.TrimEnd().Split('\n')[^1])!["data_blobs"]!.GetValue<long>();
    }

    private static async Task ForgetAndPruneAsync(OpenRepository open, int keep)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation);
        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        await open.ForgetAsync(
            ForgetPlan.For(
                snapshots,
                new RetentionPolicy { Last = keep },
                SnapshotGrouping.None,
                DateTimeOffset.UtcNow
            ),
            held,
            null,
            Cancellation
        );
        await open.PruneAsync(
            await open.PlanPruneAsync(new PruneOptions { MaxUnused = UnusedLimit.Bytes(0) }, held, null, Cancellation),
            held,
            null,
            Cancellation
        );
    }

    private static async Task ForgetAndPruneAsync(ResticCli restic, int keep) =>
        (
            await restic.RunAsync(
                ["forget", "--group-by", "", "--keep-last", $"{keep}", "--prune", "--max-unused", "0"],
                cancellationToken: Cancellation
            )
        ).Succeeded();
}
