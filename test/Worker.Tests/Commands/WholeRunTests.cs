using Granary.TestSupport;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>A repository's whole life by the worker's commands, on a server of every provider.</summary>
public sealed class WholeRunTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("local")]
    [InlineData("s3")]
    [InlineData("azure")]
    [InlineData("rest")]
    [InlineData("gcs")]
    [InlineData("b2")]
    [InlineData("swift")]
    [InlineData("swift-keystone")]
    public async Task Backups_forget_prune_check_and_dump_work_on(string provider)
    {
        await using var place = await StoragePlace.StartAsync(provider, _folder, Token);
        using var worker = Worker(place);
        var (old, kept, globals) = (
            SeededBytes.Random("old", 5_000_000),
            SeededBytes.CopyText("kept", 5_000_000),
            SeededBytes.Random("globals", 50_000)
        );
        await worker.JsonAsync("init");

        await BackupAsync(worker, old, globals);
        var unchanged = await BackupAsync(worker, old, globals);
        await BackupAsync(worker, kept, globals);
        var snapshots = await worker.JsonAsync("snapshots");
        var packs = await worker.ListAsync("packs");
        var forget = (await worker.RunAsync("forget", "--keep-last", "1", "--prune", "--max-unused", "0")).Succeeded();
        var prune = await worker.JsonAsync("prune", "--max-unused", "0");
        var check = (await worker.RunAsync("check", "--read-data")).Succeeded();

        Assert.Equal(0, (long)unchanged["data_blobs"]!);
        Assert.Equal(3, snapshots.AsArray().Count);
        Assert.Contains("1 snapshots kept, 2 removed", forget.Output, StringComparison.Ordinal);
        Assert.Equal(0, (long)prune["statistics"]!["bytes_freed"]!);
        Assert.NotEqual(packs, await worker.ListAsync("packs"));
        Assert.Contains("no errors were found", check.Output, StringComparison.Ordinal);
        Assert.InRange((long)(await worker.JsonAsync("stats", "--mode", "raw-data"))["total_size"]!, 1, 4_900_000);
        Assert.Equal(kept, await worker.DumpAsync("latest", "/db.sql"));
        Assert.Equal(globals, await worker.DumpAsync("latest", "/globals.sql"));
        Assert.Empty(await worker.ListAsync("locks"));
        await AssertResticAgreesAsync(place, worker, kept);
    }

    [Fact]
    public async Task An_append_only_server_takes_backups_and_loses_nothing_to_forget_and_prune()
    {
        await using var place = await StoragePlace.StartAsync("rest-append-only", _folder, Token);
        using var worker = Worker(place);
        var content = SeededBytes.Random("kept", 3_000_000);
        await worker.JsonAsync("init");
        await BackupAsync(worker, SeededBytes.Random("first", 3_000_000), [1]);
        await BackupAsync(worker, content, [1]);

        var packs = await worker.ListAsync("packs");
        var forget = await worker.RunAsync("forget", "--keep-last", "1");
        var prune = await worker.RunAsync("prune", "--repack-small", "--max-unused", "0");

        Assert.Equal(ExitCodes.Incomplete, forget.ExitCode);
        Assert.Contains("append-only", forget.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, prune.ExitCode);
        Assert.Contains("append-only", prune.Log, StringComparison.Ordinal);
        Assert.Equal(packs, await worker.ListAsync("packs"));
        Assert.Equal(2, (await worker.JsonAsync("snapshots")).AsArray().Count);
        Assert.Empty(await worker.ListAsync("locks"));
        await BackupAsync(worker, content, [1]);
        (await worker.RunAsync("check", "--read-data")).Succeeded();
        await AssertResticAgreesAsync(place, worker, content);
    }

    private static HandyWorker Worker(StoragePlace place)
    {
        var worker = new HandyWorker(place.Repository, place.Provider);
        foreach (var (name, value) in place.Variables)
        {
            worker.Variables[name] = value;
        }

        return worker;
    }

    private static async Task<System.Text.Json.Nodes.JsonNode> BackupAsync(
        HandyWorker worker,
        byte[] database,
        byte[] globals
    )
    {
        await File.WriteAllBytesAsync(worker.Folder["globals"], globals, Token);
        return (
            await worker.RunAsync(
                database,
                null,
                "backup",
                "--stdin",
                "--stdin-filename",
                "db.sql",
                "--command",
                $"globals.sql=cat {worker.Folder["globals"]}",
                "--host",
                "host-0",
                "--json"
            )
        )
            .Succeeded()
            .Json;
    }

    private static async Task AssertResticAgreesAsync(StoragePlace place, HandyWorker worker, byte[] content)
    {
        var restic = worker.Restic;
        if (!place.ServesRestic)
        {
            await worker.CopyAsync(worker.Folder["copy"]);
            restic = new ResticCli(worker.Folder["copy"], HandyWorker.Password);
        }

        (await restic.RunAsync(["check", "--read-data"], cancellationToken: Token)).Succeeded();
        using var dumped = new MemoryStream();
        (await restic.RunAsync(["dump", "latest", "/db.sql"], output: dumped, cancellationToken: Token)).Succeeded();
        Assert.Equal(content, dumped.ToArray());
    }
}
