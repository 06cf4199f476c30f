using System.Globalization;
using System.Text.Json.Nodes;
using Granary.Storage.Local;
using Granary.TestSupport;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>The commands that look after a repository, and what restic says of it afterwards.</summary>
public sealed class MaintenanceCommandTests : IDisposable
{
    private readonly HandyWorker _worker = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _worker.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Init_makes_the_version_that_is_asked_for(int version)
    {
        var made = (await _worker.RunAsync("init", "--repository-version", $"{version}")).Succeeded();

        Assert.Contains("created repository", made.Output, StringComparison.Ordinal);
        Assert.Contains($"\"version\": {version}", await ResticAsync("cat", "config"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_of_another_version_is_refused() =>
        Assert.Equal(ExitCodes.Failed, (await _worker.RunAsync("init", "--repository-version", "3")).ExitCode);

    [Fact]
    public async Task Forget_and_prune_remove_and_say_so_in_two_lines_of_json()
    {
        await ThreeBackupsAsync();
        var before = await _worker.ListAsync("packs");

        var dryRun = Lines(
            await _worker.RunAsync("forget", "--keep-last", "1", "--prune", "--max-unused", "0", "--dry-run", "--json")
        );
        Assert.Equal(before, await _worker.ListAsync("packs"));
        var forget = Lines(
            await _worker.RunAsync("forget", "--keep-last", "1", "--prune", "--max-unused", "0", "--json")
        );

        Assert.Equal((2, 2), (dryRun.Count, forget.Count));
        Assert.Equal(dryRun[0].ToJsonString(), forget[0].ToJsonString());
        Assert.Equal("prune", (string)forget[1]["message_type"]!);
        Assert.True((long)forget[1]["statistics"]!["bytes_freed"]! > 3_000_000);
        Assert.Equal(dryRun[1]["statistics"]!.ToJsonString(), forget[1]["statistics"]!.ToJsonString());
        Assert.Single((await _worker.JsonAsync("snapshots")).AsArray());
        await ResticCheckAsync();
        Assert.Equal(Content(2), await _worker.DumpAsync("latest", "/db.sql"));
    }

    [Fact]
    public async Task Forget_removes_exactly_the_snapshots_that_are_named()
    {
        await ThreeBackupsAsync();
        var ids = (await _worker.JsonAsync("snapshots"))
            .AsArray()
            .Select(snapshot => (string)snapshot!["id"]!)
            .ToList();

        (await _worker.RunAsync("forget", ids[1][..10], ids[1])).Succeeded();

        Assert.Equal(
            [ids[0], ids[2]],
            (await _worker.JsonAsync("snapshots")).AsArray().Select(snapshot => (string)snapshot!["id"]!)
        );
    }

    [Fact]
    public async Task Tables_tell_snapshots_apart_and_count_what_was_removed()
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync([1], "--tag", "nightly,full");
        await _worker.BackupAsync([2]);
        (
            await _worker.RunAsync("backup", "--command", "other.sql=echo 3", "--host", "host-0", "--tag", "weekly")
        ).Succeeded();
        var ids = (await _worker.JsonAsync("snapshots"))
            .AsArray()
            .Select(snapshot => (string)snapshot!["short_id"]!)
            .ToList();

        var table = (await _worker.RunAsync("snapshots")).Succeeded().Output;
        var dryRun = (await _worker.RunAsync("forget", "--keep-last", "1", "--dry-run")).Succeeded().Output;
        var policy = (await _worker.RunAsync("forget", "--keep-last", "1")).Succeeded().Output;
        var named = (await _worker.RunAsync("forget", ids[1])).Succeeded().Output;

        foreach (var words in new[] { "nightly,full", "weekly", "/other.sql" })
        {
            Assert.Contains(words, table, StringComparison.Ordinal);
            Assert.Contains(words, policy, StringComparison.Ordinal);
        }

        Assert.Contains("2 snapshots kept, 1 would be removed", dryRun, StringComparison.Ordinal);
        Assert.Contains("2 snapshots kept, 1 removed", policy, StringComparison.Ordinal);
        Assert.Contains($"remove {ids[1]}", named, StringComparison.Ordinal);
        Assert.DoesNotContain("kept", named, StringComparison.Ordinal);
        Assert.Contains("1 snapshots removed", named, StringComparison.Ordinal);
        Assert.Equal(
            [ids[2]],
            (await _worker.JsonAsync("snapshots")).AsArray().Select(snapshot => (string)snapshot!["short_id"]!)
        );
    }

    [Fact]
    public async Task Stats_of_raw_data_tell_what_compression_saves()
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync(SeededBytes.CopyText("rows", 2_000_000));

        var json = await _worker.JsonAsync("stats", "--mode", "raw-data");
        var text = (await _worker.RunAsync("stats", "--mode", "raw-data")).Succeeded().Output;

        Assert.Contains("uncompressed", text, StringComparison.Ordinal);
        Assert.Contains(
            string.Create(
                CultureInfo.InvariantCulture,
                $"compression ratio {(double)json["compression_ratio"]!:0.00}x"
            ),
            text,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("blobs")]
    [InlineData("packs")]
    [InlineData("index")]
    [InlineData("snapshots")]
    [InlineData("locks")]
    public async Task A_list_of_nothing_has_no_line(string kind)
    {
        await _worker.JsonAsync("init");

        Assert.Empty((await _worker.RunAsync("list", kind)).Succeeded().Output);
        Assert.Empty(await _worker.ListAsync(kind));
    }

    [Fact]
    public async Task A_lock_that_nobody_can_read_is_told_in_sentences_with_the_command_that_removes_it()
    {
        await _worker.JsonAsync("init");
        var name = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("no lock"u8));
        await File.WriteAllTextAsync(_worker.Folder[$"repo/locks/{name}"], "no lock", Token);

        var refused = await _worker.RunAsync("snapshots");
        (await _worker.RunAsync("unlock", "--remove-all")).Succeeded();

        Assert.Equal(ExitCodes.Failed, refused.ExitCode);
        Assert.Contains("unlock --remove-all", refused.Log, StringComparison.Ordinal);
        Assert.Contains("trying again", refused.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Log, StringComparison.Ordinal);
        (await _worker.RunAsync("snapshots")).Succeeded();
    }

    /// <remarks>A full store must not keep anybody from reading it.</remarks>
    [Theory]
    [InlineData(Fault.Full)]
    [InlineData(Fault.Denied)]
    public async Task Where_no_lock_can_be_written_readers_are_told_of_no_lock(Fault fault)
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync([1, 2, 3]);
        using var full = new HandyWorker(_worker.Repository, _ => new FaultyBackend(
            LocalBackend.Create(new LocalOptions { Path = _worker.Repository }, TimeProvider.System)
        )
        {
            Plan = (_, operation, _) => operation == StorageOperation.Save ? fault : null,
        })
        {
            RunsHere = true,
        };

        var refused = await full.RunAsync("snapshots");
        var writes = await full.RunAsync("prune");

        Assert.Equal((ExitCodes.Failed, ExitCodes.Failed), (refused.ExitCode, writes.ExitCode));
        Assert.Contains("--no-lock", refused.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("--no-lock", writes.Log, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], await full.DumpAsync("latest", "/db.sql", "--no-lock"));
    }

    [Fact]
    public async Task Prune_frees_what_max_unused_says_and_a_dry_run_nothing()
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync([.. Content(0), .. SeededBytes.Random("more", 3_000_000)]);
        await _worker.BackupAsync(Content(0));
        (await _worker.RunAsync("forget", "--keep-last", "1")).Succeeded();
        var before = await _worker.ListAsync("packs");

        var dry = await _worker.JsonAsync("prune", "--dry-run", "--max-unused", "0");
        var dryText = (await _worker.RunAsync("prune", "--dry-run", "--max-unused", "0")).Succeeded().Output;
        Assert.Equal(before, await _worker.ListAsync("packs"));
        var unlimited = await _worker.JsonAsync("prune", "--max-unused", "unlimited");
        var all = (await _worker.RunAsync("prune", "--max-unused", "0")).Succeeded();

        Assert.True((bool)dry["dry_run"]!);
        Assert.Contains("would be freed", dryText, StringComparison.Ordinal);
        Assert.DoesNotContain("deleted", dryText, StringComparison.Ordinal);
        Assert.True((long)dry["statistics"]!["bytes_repacked"]! > 0);
        Assert.Equal(0, (long)unlimited["blobs_repacked"]!);
        Assert.True((long)unlimited["statistics"]!["bytes_unused_after"]! > 0);
        Assert.Contains("0 B unused", all.Output, StringComparison.Ordinal);
        await ResticCheckAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1, "--repack-small")]
    [InlineData(1, "--repack-smaller-than", "3M")]
    [InlineData(0, "--repack-smaller-than", "1M")]
    [InlineData(0, "--repack-small", "--max-repack-size", "1K")]
    [InlineData(0, "--repack-small", "--repack-cacheable-only")]
    public async Task Prune_joins_small_packs_as_the_flags_say(int joined, params string[] flags)
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync(SeededBytes.Random("small 0", 2_000_000));
        await _worker.BackupAsync(SeededBytes.Random("small 1", 2_000_000));
        var before = Directory
            .EnumerateFiles(_worker.Folder["repo/data"], "*", SearchOption.AllDirectories)
            .Count(file => new FileInfo(file).Length > 1_500_000);

        (await _worker.RunAsync(["prune", .. flags])).Succeeded();

        var after = Directory
            .EnumerateFiles(_worker.Folder["repo/data"], "*", SearchOption.AllDirectories)
            .Count(file => new FileInfo(file).Length > 1_500_000);
        Assert.Equal((2, 2 - joined), (before, after));
        await ResticCheckAsync();
    }

    [Fact]
    public async Task Migrate_upgrades_and_prune_compresses()
    {
        (await _worker.RunAsync("init", "--repository-version", "1")).Succeeded();
        var text = SeededBytes.CopyText("text", 3_000_000);
        await _worker.BackupAsync(text);

        var tooEarly = await _worker.RunAsync("prune", "--repack-uncompressed");
        var migrated = await _worker.JsonAsync("migrate");
        var again = (await _worker.RunAsync("migrate", "upgrade_repo_v2")).Succeeded();
        var unknown = await _worker.RunAsync("migrate", "upgrade_repo_v9");
        (await _worker.RunAsync("prune", "--repack-uncompressed")).Succeeded();

        Assert.Equal(ExitCodes.Failed, tooEarly.ExitCode);
        Assert.Contains("migrate upgrades this one", tooEarly.Log, StringComparison.Ordinal);
        Assert.Equal((1, 2), ((int)migrated["from"]!, (int)migrated["to"]!));
        Assert.Contains("version 2 already", again.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, unknown.ExitCode);
        Assert.Contains("upgrade_repo_v2", unknown.Log, StringComparison.Ordinal);
        Assert.InRange((long)(await _worker.JsonAsync("stats", "--mode", "raw-data"))["total_size"]!, 1, 2_000_000);
        await ResticCheckAsync();
        Assert.Equal(text, await _worker.DumpAsync("latest", "/db.sql"));
    }

    [Fact]
    public async Task Check_finds_a_flipped_byte_only_where_it_reads()
    {
        await ThreeBackupsAsync();
        var sound = (await _worker.RunAsync("check", "--read-data")).Succeeded();
        var pack = new DirectoryInfo(_worker.Folder["repo/data"])
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .MaxBy(file => file.Length)!;
        Flip(pack.FullName, 1000);

        var structure = await _worker.RunAsync("check");
        var halves = new[]
        {
            await _worker.RunAsync("check", "--read-data-subset", "1/2"),
            await _worker.RunAsync("check", "--read-data-subset", "2/2"),
        };
        var whole = await _worker.RunAsync("check", "--read-data", "--json");

        Assert.Contains("no errors were found", sound.Output, StringComparison.Ordinal);
        Assert.Equal(0, structure.ExitCode);
        Assert.Equal([0, 1], halves.Select(half => half.ExitCode).Order());
        Assert.Contains(pack.Name, halves.Single(half => half.ExitCode == 1).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, whole.ExitCode);
        Assert.Equal(1, (int)whole.Json["num_errors"]!);
        Assert.Equal($"pack/{pack.Name}", (string)whole.Json["errors"]![0]!["file"]!);
        Assert.Equal(ExitCodes.Failed, (await _worker.RunAsync("check", "--read-data-subset", "3/2")).ExitCode);
    }

    [Fact]
    public async Task Repair_index_brings_a_lost_index_back()
    {
        await ThreeBackupsAsync();
        foreach (var index in Directory.EnumerateFiles(_worker.Folder["repo/index"]))
        {
            File.Delete(index);
        }

        Assert.Equal(ExitCodes.Failed, (await _worker.RunAsync("check")).ExitCode);
        var repaired = await _worker.JsonAsync("repair", "index", "--read-all-packs");

        Assert.True((int)repaired["packs_read"]! > 0);
        Assert.Contains(
            "index files written",
            (await _worker.RunAsync("repair", "index")).Succeeded().Output,
            StringComparison.Ordinal
        );
        await ResticCheckAsync();
        Assert.Equal(Content(2), await _worker.DumpAsync("latest", "/db.sql"));
    }

    [Fact]
    public async Task Keys_are_added_listed_changed_and_removed()
    {
        await _worker.JsonAsync("init");
        await File.WriteAllTextAsync(_worker.Folder["second"], "second\n", Token);
        await File.WriteAllTextAsync(_worker.Folder["third"], "third", Token);

        var added = await _worker.JsonAsync(
            "key",
            "add",
            "--new-password-file",
            _worker.Folder["second"],
            "--host",
            "elsewhere",
            "--user",
            "somebody"
        );
        var ours = (await _worker.JsonAsync("key", "list")).AsArray();
        var theirs = JsonNode.Parse(await ResticAsync("key", "list", "--json"))!.AsArray();
        var first = (string)ours.Single(key => (bool)key!["current"]!)!["id"]!;
        var inUse = await _worker.RunAsync("key", "remove", first);
        _worker.Variables["RESTIC_PASSWORD"] = "second";
        (await _worker.RunAsync("key", "remove", first[..8])).Succeeded();
        (await _worker.RunAsync("key", "passwd", "--new-password-file", _worker.Folder["third"])).Succeeded();

        Assert.Equal(2, ours.Count);
        Assert.Contains(ours, key =>
            (string)key!["id"]! == (string)added["id"]!
            && (string)key["userName"]! == "somebody"
            && (string)key["hostName"]! == "elsewhere"
        );
        Assert.Equal(
            theirs.Select(key => (string)key!["userName"]!).Order(),
            ours.Select(key => (string)key!["userName"]!).Order()
        );
        Assert.Equal(ExitCodes.Failed, inUse.ExitCode);
        Assert.Equal(ExitCodes.WrongPassword, (await _worker.RunAsync("key", "list")).ExitCode);
        Assert.Single(
            (await _worker.RunAsync("key", "list", "--password-file", _worker.Folder["third"]))
                .Succeeded()
                .Output.Trim()
                .Split('\n')
        );
    }

    [Theory]
    [InlineData("blobs")]
    [InlineData("packs")]
    [InlineData("index")]
    [InlineData("snapshots")]
    [InlineData("keys")]
    public async Task List_lists_what_restic_lists(string kind)
    {
        await ThreeBackupsAsync();
        var theirs = Lines(await ResticAsync("list", kind, "--no-lock"));

        var ours = Lines((await _worker.RunAsync("list", kind)).Succeeded().Output);
        var json = await _worker.JsonAsync("list", kind);

        Assert.NotEmpty(theirs);
        Assert.Equal(theirs, ours);
        Assert.Equal(
            theirs,
            json.AsArray()
                .Select(each => kind == "blobs" ? $"{each!["type"]} {each["id"]}" : (string)each!)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Locks_stand_in_the_way_are_listed_and_are_removed()
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync([1, 2, 3]);
        (await _worker.Restic.RunAsync(["unlock"], cancellationToken: Token)).Succeeded();
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

        var prune = await _worker.RunAsync("prune");
        var beside = await _worker.RunAsync("snapshots");
        var waited = await _worker.RunAsync("check", "--retry-lock", "1s");
        var unlocked = await _worker.JsonAsync("unlock");
        var removed = (await _worker.RunAsync("unlock", "--remove-all")).Succeeded();

        Assert.Equal((ExitCodes.Locked, 0, ExitCodes.Locked), (prune.ExitCode, beside.ExitCode, waited.ExitCode));
        Assert.Equal(0, (int)unlocked["removed"]!);
        Assert.Contains("removed 1 locks", removed.Output, StringComparison.Ordinal);
        Assert.Empty(await _worker.ListAsync("locks"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => backup);
        (await _worker.RunAsync("prune")).Succeeded();
    }

    private static byte[] Content(int turn) =>
        [.. SeededBytes.Random($"noise {turn}", 3_000_000), .. SeededBytes.Random($"noise {turn + 1}", 3_000_000)];

    private static List<string> Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    private static List<JsonNode> Lines(Outcome outcome) =>
        [
            .. outcome
                .Succeeded()
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!),
        ];

    private static void Flip(string file, int at)
    {
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = File.ReadAllBytes(file);
        bytes[at] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private async Task ThreeBackupsAsync(params string[] flags)
    {
        await _worker.JsonAsync("init");
        for (var turn = 0; turn < 3; turn++)
        {
            await _worker.BackupAsync(Content(turn), flags);
        }
    }

    private async Task<string> ResticAsync(params string[] arguments) =>
        (await _worker.Restic.RunAsync(arguments, cancellationToken: Token)).Succeeded().Output;

    private async Task ResticCheckAsync() =>
        Assert.Contains("no errors were found", await ResticAsync("check", "--read-data"), StringComparison.Ordinal);

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
