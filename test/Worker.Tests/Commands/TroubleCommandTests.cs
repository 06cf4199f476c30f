using System.Text.Json.Nodes;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>
/// The commands on a repository with damaged or lost files, a lock in the way, or a store that refuses.
/// </summary>
public sealed class TroubleCommandTests : IDisposable
{
    private readonly HandyWorker _worker = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _worker.Dispose();

    [Fact]
    public async Task A_damaged_snapshot_is_named_and_left_out_and_can_be_forgotten()
    {
        var ids = await ThreeBackupsAsync(_worker);
        var file = _worker.Folder[$"repo/snapshots/{ids[1]}"];
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllBytesAsync(file, [.. (await File.ReadAllBytesAsync(file, Token)).Reverse()], Token);

        var listed = await _worker.RunAsync("snapshots", "--json");
        var stats = await _worker.RunAsync("stats");
        var policy = await _worker.RunAsync("forget", "--keep-last", "1");
        var prune = await _worker.RunAsync("prune");
        var dryRun = (await _worker.RunAsync("forget", ids[1], "--dry-run")).Succeeded();
        Assert.True(File.Exists(file));
        var named = (await _worker.RunAsync("forget", ids[1], "--prune")).Succeeded();

        Assert.Equal(
            (ExitCodes.Incomplete, ExitCodes.Incomplete, ExitCodes.Incomplete),
            (listed.ExitCode, stats.ExitCode, policy.ExitCode)
        );
        Assert.Equal([ids[0], ids[2]], listed.Json.AsArray().Select(snapshot => (string)snapshot!["id"]!));
        Assert.Contains($"forget {ids[1]} removes it", listed.Log, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, prune.ExitCode); // What it needs is not known.
        Assert.Contains($"forget {ids[1]} removes it", prune.Log, StringComparison.Ordinal);
        Assert.Contains("1 snapshots would be removed", dryRun.Output, StringComparison.Ordinal);
        Assert.Contains($"remove {ids[1][..8]}", named.Output, StringComparison.Ordinal);
        Assert.Equal(
            [ids[2]],
            (await _worker.JsonAsync("snapshots")).AsArray().Select(snapshot => (string)snapshot!["id"]!)
        );
        (await _worker.Restic.RunAsync(["check", "--read-data"], cancellationToken: Token)).Succeeded();
    }

    [Fact]
    public async Task A_damaged_index_is_named_with_what_to_do_and_the_advice_helps()
    {
        await ThreeBackupsAsync(_worker);
        var file = _worker.Folder[$"repo/index/{(await _worker.ListAsync("index"))[0]}"];
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllBytesAsync(file, [.. (await File.ReadAllBytesAsync(file, Token)).Reverse()], Token);

        var stats = await _worker.RunAsync("stats");
        (await _worker.RunAsync("repair", "index")).Succeeded();

        Assert.Equal(ExitCodes.Failed, stats.ExitCode);
        Assert.Contains("run repair index", stats.Log, StringComparison.Ordinal);
        (await _worker.RunAsync("check", "--read-data")).Succeeded();
    }

    [Fact]
    public async Task A_lost_pack_is_named_with_what_to_do_and_the_advice_helps()
    {
        var ids = await ThreeBackupsAsync(_worker);
        var pack = new DirectoryInfo(_worker.Folder["repo/data"])
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .MaxBy(file => file.Length)!;
        pack.Delete();

        var check = await _worker.RunAsync("check");
        var repaired = (await _worker.RunAsync("repair", "index")).Succeeded();
        var checkedAgain = await _worker.RunAsync("check", "--json");
        var needy = ids.Where(id => checkedAgain.Output.Contains(id[..8], StringComparison.Ordinal)).ToArray();
        (await _worker.RunAsync(["forget", .. needy])).Succeeded();

        Assert.Equal(ExitCodes.Failed, check.ExitCode);
        Assert.Contains($"pack {pack.Name} is not in the store", repaired.Output, StringComparison.Ordinal);
        Assert.Contains("run check", repaired.Output, StringComparison.Ordinal);
        Assert.NotEmpty(needy);
        (await _worker.RunAsync("prune")).Succeeded();
        (await _worker.RunAsync("check", "--read-data")).Succeeded();
    }

    [Fact]
    public async Task A_pack_that_was_cut_short_is_stored_again()
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync(Content(0));
        var pack = new DirectoryInfo(_worker.Folder["repo/data"])
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .MaxBy(file => file.Length)!;
        File.SetUnixFileMode(pack.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using (var file = pack.OpenWrite())
        {
            file.SetLength(pack.Length / 2);
        }

        await _worker.BackupAsync(Content(0));

        Assert.Equal(Content(0), await _worker.DumpAsync("latest", "/db.sql"));
        (await _worker.Restic.RunAsync(["dump", "latest", "/db.sql"], cancellationToken: Token)).Succeeded();
    }

    [Theory]
    [InlineData("check")]
    [InlineData("prune", "--dry-run")]
    [InlineData("forget", "--keep-last", "1", "--prune", "--dry-run")]
    public async Task Without_a_lock_a_command_that_changes_nothing_goes_past_the_locks_of_others(
        params string[] command
    )
    {
        await ThreeBackupsAsync(_worker);
        await using var blocked = new BlockedStream();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var backup = _worker.Restic.RunAsync(
            ["backup", "--stdin", "--host", "elsewhere"],
            blocked,
            cancellationToken: stop.Token
        );
        await Eventually.TrueAsync(
            "restic's lock",
            async () => (await _worker.ListAsync("locks")).Count == 1,
            cancellationToken: Token
        );

        var locked = await _worker.RunAsync(command);
        var unlocked = await _worker.RunAsync([.. command, "--no-lock"]);

        Assert.Equal((ExitCodes.Locked, 0), (locked.ExitCode, unlocked.ExitCode));
        Assert.Single(await _worker.ListAsync("locks"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => backup);
    }

    [Fact]
    public async Task Packs_that_a_prune_cannot_delete_are_named_with_the_reason()
    {
        var mayDelete = true;
        using var worker = new HandyWorker(provider: settings => new FaultyBackend(
            LocalBackend.Create(new LocalOptions { Path = settings.Location.Bucket }, TimeProvider.System)
        )
        {
            Plan = (_, operation, file) =>
                !mayDelete
                && operation == StorageOperation.Delete
                && file?.Kind == FileKind.Pack
                && !file.Value.Name.All(digit => digit == '0')
                    ? Fault.Denied
                    : null,
        })
        {
            RunsHere = true,
        };
        await ThreeBackupsAsync(worker);
        (await worker.RunAsync("forget", "--keep-last", "1")).Succeeded();

        mayDelete = false;
        var text = await worker.RunAsync("prune", "--max-unused", "unlimited");
        var json = await worker.RunAsync("prune", "--max-unused", "unlimited", "--json");

        Assert.Equal((ExitCodes.Incomplete, ExitCodes.Incomplete), (text.ExitCode, json.ExitCode));
        Assert.Contains("could not delete pack/", text.Output, StringComparison.Ordinal);
        Assert.Contains("not allowed", text.Output, StringComparison.Ordinal);
        Assert.Contains("0 B freed", text.Output, StringComparison.Ordinal);
        Assert.StartsWith("pack/", (string)json.Json["failed"]![0]!["file"]!, StringComparison.Ordinal);
        mayDelete = true;
        (await worker.RunAsync("prune", "--max-unused", "unlimited")).Succeeded();
        (await worker.RunAsync("check", "--read-data")).Succeeded();
    }

    private static byte[] Content(int turn) => SeededBytes.Random($"trouble {turn}", 3_000_000);

    /// <summary>
    /// Backs three contents up that have nothing in common, and answers the snapshots' ids, oldest first.
    /// </summary>
    private static async Task<List<string>> ThreeBackupsAsync(HandyWorker worker)
    {
        var ids = new List<string>();
        await worker.JsonAsync("init");
        for (var turn = 0; turn < 3; turn++)
        {
            JsonNode summary = await worker.BackupAsync(Content(turn));
            ids.Add((string)summary["snapshot_id"]!);
        }

        return ids;
    }

    /// <summary>Gives nothing until it is cancelled, so that whoever reads it stays.</summary>
    private sealed class BlockedStream : MemoryStream
    {
        public override async Task CopyToAsync(
            Stream destination,
            int bufferSize,
            CancellationToken cancellationToken
        ) => await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
