using System.Globalization;
using System.Text.Json.Nodes;
using Granary.Storage.Local;
using Granary.TestSupport;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>The commands that look after a repository, and what restic says of it afterwards.</summary>
public sealed class MaintenanceCommandTests : RepositoryCommandTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Init_makes_the_version_that_is_asked_for(int version)
    {
        var made = (await Worker.RunAsync("init", "--repository-version", $"{version}")).Succeeded();

        Assert.Contains("created repository", made.Output, StringComparison.Ordinal);
        Assert.Contains($"\"version\": {version}", await ResticAsync("cat", "config"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_of_another_version_is_refused() =>
        Assert.Equal(ExitCodes.Failed, (await Worker.RunAsync("init", "--repository-version", "3")).ExitCode);

    [Fact]
    public async Task Stats_of_raw_data_tell_what_compression_saves()
    {
        await Worker.JsonAsync("init");
        await Worker.BackupAsync(SeededBytes.CopyText("rows", 2_000_000));

        var json = await Worker.JsonAsync("stats", "--mode", "raw-data");
        var text = (await Worker.RunAsync("stats", "--mode", "raw-data")).Succeeded().Output;

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
        await Worker.JsonAsync("init");

        Assert.Empty((await Worker.RunAsync("list", kind)).Succeeded().Output);
        Assert.Empty(await Worker.ListAsync(kind));
    }

    [Fact]
    public async Task A_lock_that_nobody_can_read_is_told_in_sentences_with_the_command_that_removes_it()
    {
        await Worker.JsonAsync("init");
        var name = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("no lock"u8));
        await File.WriteAllTextAsync(Worker.Folder[$"repo/locks/{name}"], "no lock", Token);

        var refused = await Worker.RunAsync("snapshots");
        (await Worker.RunAsync("unlock", "--remove-all")).Succeeded();

        Assert.Equal(ExitCodes.Failed, refused.ExitCode);
        Assert.Contains("unlock --remove-all", refused.Log, StringComparison.Ordinal);
        Assert.Contains("trying again", refused.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Log, StringComparison.Ordinal);
        (await Worker.RunAsync("snapshots")).Succeeded();
    }

    /// <remarks>A full store must not keep anybody from reading it.</remarks>
    [Theory]
    [InlineData(Fault.Full)]
    [InlineData(Fault.Denied)]
    public async Task Where_no_lock_can_be_written_readers_are_told_of_no_lock(Fault fault)
    {
        await Worker.JsonAsync("init");
        await Worker.BackupAsync([1, 2, 3]);
        using var full = new HandyWorker(Worker.Repository, _ => new FaultyBackend(
            LocalBackend.Create(new LocalOptions { Path = Worker.Repository }, TimeProvider.System)
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
    public async Task Check_finds_a_flipped_byte_only_where_it_reads()
    {
        await ThreeBackupsAsync();
        var sound = (await Worker.RunAsync("check", "--read-data")).Succeeded();
        var pack = new DirectoryInfo(Worker.Folder["repo/data"])
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .MaxBy(file => file.Length)!;
        Flip(pack.FullName, 1000);

        var structure = await Worker.RunAsync("check");
        var halves = new[]
        {
            await Worker.RunAsync("check", "--read-data-subset", "1/2"),
            await Worker.RunAsync("check", "--read-data-subset", "2/2"),
        };
        var whole = await Worker.RunAsync("check", "--read-data", "--json");

        Assert.Contains("no errors were found", sound.Output, StringComparison.Ordinal);
        Assert.Equal(0, structure.ExitCode);
        Assert.Equal([0, 1], halves.Select(half => half.ExitCode).Order());
        Assert.Contains(pack.Name, halves.Single(half => half.ExitCode == 1).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, whole.ExitCode);
        Assert.Equal(1, (int)whole.Json["num_errors"]!);
        Assert.Equal($"pack/{pack.Name}", (string)whole.Json["errors"]![0]!["file"]!);
        Assert.Equal(ExitCodes.Failed, (await Worker.RunAsync("check", "--read-data-subset", "3/2")).ExitCode);
    }

    [Fact]
    public async Task Repair_index_brings_a_lost_index_back()
    {
        await ThreeBackupsAsync();
        foreach (var index in Directory.EnumerateFiles(Worker.Folder["repo/index"]))
        {
            File.Delete(index);
        }

        Assert.Equal(ExitCodes.Failed, (await Worker.RunAsync("check")).ExitCode);
        var repaired = await Worker.JsonAsync("repair", "index", "--read-all-packs");

        Assert.True((int)repaired["packs_read"]! > 0);
        Assert.Contains(
            "index files written",
            (await Worker.RunAsync("repair", "index")).Succeeded().Output,
            StringComparison.Ordinal
        );
        await ResticCheckAsync();
        Assert.Equal(Content(2), await Worker.DumpAsync("latest", "/db.sql"));
    }

    [Fact]
    public async Task Keys_are_added_listed_changed_and_removed()
    {
        await Worker.JsonAsync("init");
        await File.WriteAllTextAsync(Worker.Folder["second"], "second\n", Token);
        await File.WriteAllTextAsync(Worker.Folder["third"], "third", Token);

        var added = await Worker.JsonAsync(
            "key",
            "add",
            "--new-password-file",
            Worker.Folder["second"],
            "--host",
            "elsewhere",
            "--user",
            "somebody"
        );
        var ours = (await Worker.JsonAsync("key", "list")).AsArray();
        var theirs = JsonNode.Parse(await ResticAsync("key", "list", "--json"))!.AsArray();
        var first = (string)ours.Single(key => (bool)key!["current"]!)!["id"]!;
        var inUse = await Worker.RunAsync("key", "remove", first);
        Worker.Variables["RESTIC_PASSWORD"] = "second";
        (await Worker.RunAsync("key", "remove", first[..8])).Succeeded();
        (await Worker.RunAsync("key", "passwd", "--new-password-file", Worker.Folder["third"])).Succeeded();

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
        Assert.Equal(ExitCodes.WrongPassword, (await Worker.RunAsync("key", "list")).ExitCode);
        Assert.Single(
            (await Worker.RunAsync("key", "list", "--password-file", Worker.Folder["third"]))
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

        var ours = Lines((await Worker.RunAsync("list", kind)).Succeeded().Output);
        var json = await Worker.JsonAsync("list", kind);

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
        await Worker.JsonAsync("init");
        await Worker.BackupAsync([1, 2, 3]);
        (await Worker.Restic.RunAsync(["unlock"], cancellationToken: Token)).Succeeded();
        await using var blocked = new BlockedStream();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var backup = Worker.Restic.RunAsync(
            ["backup", "--stdin", "--host", "elsewhere"],
            blocked,
            cancellationToken: stop.Token
        );
        await Eventually.TrueAsync(
            "restic's lock",
            async () => (await Worker.ListAsync("locks")).Count == 1,
            cancellationToken: Token
        );

        var prune = await Worker.RunAsync("prune");
        var beside = await Worker.RunAsync("snapshots");
        var waited = await Worker.RunAsync("check", "--retry-lock", "1s");
        var unlocked = await Worker.JsonAsync("unlock");
        var removed = (await Worker.RunAsync("unlock", "--remove-all")).Succeeded();

        Assert.Equal((ExitCodes.Locked, 0, ExitCodes.Locked), (prune.ExitCode, beside.ExitCode, waited.ExitCode));
        Assert.Equal(0, (int)unlocked["removed"]!);
        Assert.Contains("removed 1 locks", removed.Output, StringComparison.Ordinal);
        Assert.Empty(await Worker.ListAsync("locks"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => backup);
        (await Worker.RunAsync("prune")).Succeeded();
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
