using System.Text;
using Granary.TestSupport;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary><c>backup</c> and <c>dump</c>: which streams make a snapshot, and what keeps one from being made.</summary>
public sealed class BackupCommandTests : IDisposable
{
    private readonly HandyWorker _worker = new();

    public void Dispose() => _worker.Dispose();

    [Fact]
    public async Task Several_streams_make_one_snapshot()
    {
        await _worker.JsonAsync("init");
        var (first, second, third) = (
            SeededBytes.CopyText("first", 300_000),
            SeededBytes.Random("second", 200_000),
            SeededBytes.Random("third", 100_000)
        );
        await File.WriteAllBytesAsync(_worker.Folder["second"], second, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_worker.Folder["third"], third, TestContext.Current.CancellationToken);

        var summary = (
            await _worker.RunAsync(
                first,
                null,
                "backup",
                "--stdin",
                "--stdin-filename",
                "all.sql",
                "--command",
                $"dumps/shop.dump=cat {_worker.Folder["second"]} | cat",
                "--stream",
                $"third.bin={_worker.Folder["third"]}",
                "--host",
                "h",
                "--tag",
                "a, b",
                "--tag",
                "c",
                "--time",
                "2026-01-31 02:00:00",
                "--json"
            )
        )
            .Succeeded()
            .Json;

        Assert.Equal(600_000, (long)summary["total_bytes_processed"]!);
        Assert.Equal(
            ["/all.sql", "/dumps/shop.dump", "/third.bin"],
            summary["streams"]!.AsArray().Select(stream => (string)stream!["path"]!)
        );
        var snapshot = Assert.Single((await _worker.JsonAsync("snapshots")).AsArray())!;
        Assert.Equal((string)summary["snapshot_id"]!, (string)snapshot["id"]!);
        Assert.Equal(["a", "b", "c"], snapshot["tags"]!.AsArray().Select(tag => (string)tag!));
        Assert.StartsWith("2026-01-31T02:00:00", (string)snapshot["time"]!, StringComparison.Ordinal);
        Assert.Equal(first, await _worker.DumpAsync("latest", "/all.sql"));
        Assert.Equal(second, await _worker.DumpAsync("latest", "/dumps/shop.dump"));
        Assert.Equal(third, await _worker.DumpAsync("latest", "third.bin"));
    }

    [Fact]
    public async Task A_program_behind_dashes_keeps_its_empty_flags()
    {
        await _worker.JsonAsync("init");

        var backup = await _worker.RunAsync(
            "backup",
            "--stdin-from-command",
            "--stdin-filename",
            "out",
            "--",
            "/bin/echo",
            "--empty=",
            "--json"
        );

        Assert.Contains("/out: 16 B read", backup.Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("--empty= --json\n", Encoding.ASCII.GetString(await _worker.DumpAsync("latest", "/out")));
    }

    [Fact]
    public async Task A_command_that_fails_leaves_no_snapshot()
    {
        await _worker.JsonAsync("init");

        var backup = await _worker.RunAsync(
            "backup",
            "--command",
            "good=echo good",
            "--command",
            "bad=echo some; echo 'no such table' >&2; exit 3"
        );

        Assert.Equal(ExitCodes.Failed, backup.ExitCode);
        Assert.Contains("no such table", backup.Log, StringComparison.Ordinal);
        Assert.Empty((await _worker.JsonAsync("snapshots")).AsArray());
        Assert.Empty(await _worker.ListAsync("locks"));
    }

    [Fact]
    public async Task An_empty_stream_is_refused_unless_it_is_allowed()
    {
        await _worker.JsonAsync("init");

        Assert.Equal(ExitCodes.Failed, (await _worker.RunAsync("backup", "--stdin")).ExitCode);
        (await _worker.RunAsync("backup", "--stdin", "--allow-empty")).Succeeded();

        Assert.Empty(await _worker.DumpAsync("latest", "/stdin"));
    }

    [Theory]
    [InlineData("What is to be backed up", "backup")]
    [InlineData("is not path=", "backup", "--command", "echo hello")]
    [InlineData("share the path /same", "backup", "--command", "same=echo 1", "--command", "/same=echo 2")]
    [InlineData("give one of them", "backup", "--stdin", "--", "echo")]
    [InlineData("/no/such/program", "backup", "--", "/no/such/program")]
    [InlineData("/no/such/file", "backup", "--stream", "x=/no/such/file")]
    [InlineData("is a directory", "backup", "--stream", "x=/tmp")]
    [InlineData("a time looks like", "backup", "--command", "a=echo", "--time", "yesterday")]
    [InlineData("4 to 128", "backup", "--command", "a=echo", "--pack-size", "3")]
    [InlineData("4 to 128", "prune", "--pack-size", "129")]
    [InlineData("it may be auto, off", "backup", "--command", "a=echo", "--compression", "zip")]
    [InlineData("256 at most", "snapshots", "--connections", "257")]
    [InlineData("s3.storage-class", "snapshots", "-o", "s3.storage=x")]
    [InlineData("auto, path or dns", "snapshots", "-o", "s3.bucket-lookup=x")]
    [InlineData("--cacert", "snapshots", "--cacert", "/no/such/file")]
    public async Task What_makes_no_sense_is_refused_in_words(string words, params string[] arguments)
    {
        await _worker.JsonAsync("init");

        var outcome = await _worker.RunAsync(arguments);

        Assert.Equal(ExitCodes.Failed, outcome.ExitCode);
        Assert.Contains(words, outcome.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4", 2, 7)]
    [InlineData("128", 1, 1)]
    public async Task The_pack_size_is_what_the_flag_says(string mebibytes, int fewest, int most)
    {
        await _worker.JsonAsync("init");

        await _worker.BackupAsync(SeededBytes.Random("packs", 24_000_000), "--pack-size", mebibytes);

        // A pack is closed by the chunk that fills it, and a chunk has up to 8 MiB. One pack more is the tree's.
        Assert.InRange((await _worker.ListAsync("packs")).Count, fewest + 1, most + 1);
    }

    [Fact]
    public async Task Compression_is_what_the_flag_or_the_environment_says()
    {
        await _worker.JsonAsync("init");
        var text = SeededBytes.CopyText("rows", 2_000_000);
        _worker.Variables["RESTIC_COMPRESSION"] = "off";
        var off = await _worker.BackupAsync(text);

        var max = await _worker.BackupAsync([.. text.Reverse()], "--compression", "max");

        Assert.InRange((long)off["data_added_packed"]!, 2_000_000, 2_100_000);
        Assert.InRange((long)max["data_added_packed"]!, 1, 1_000_000);
    }

    [Fact]
    public async Task Rate_limits_hold_in_both_directions()
    {
        await _worker.JsonAsync("init");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await _worker.BackupAsync(SeededBytes.Random("slow", 12_000_000), "--pack-size", "4", "--limit-upload", "4000");
        var up = clock.Elapsed;

        clock.Restart();
        (
            await _worker.RunAsync("dump", "latest", "/db.sql", "--limit-download", "4000", "--connections", "2")
        ).Succeeded();
        var down = clock.Elapsed;

        // 12,000,000 bytes that do not compress, at 4,096,000 per second.
        Assert.True(up > TimeSpan.FromSeconds(2.9), $"{up}");
        Assert.True(down > TimeSpan.FromSeconds(2.9), $"{down}");
    }

    [Fact]
    public async Task Dump_writes_to_a_file_if_asked()
    {
        await _worker.JsonAsync("init");
        var content = SeededBytes.Random("target", 100_000);
        await _worker.BackupAsync(content);

        (await _worker.RunAsync("dump", "latest", "/db.sql", "--target", _worker.Folder["out"])).Succeeded();

        Assert.Equal(
            content,
            await File.ReadAllBytesAsync(_worker.Folder["out"], TestContext.Current.CancellationToken)
        );
        Assert.Equal(ExitCodes.Failed, (await _worker.RunAsync("dump", "latest", "/other")).ExitCode);
    }

    [Theory]
    [InlineData("/other")]
    [InlineData("/db.sql")]
    public async Task A_dump_that_fails_leaves_the_target_as_it_was_and_nothing_beside_it(string path)
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync(SeededBytes.Random("lost", 3_000_000));
        var pack = new DirectoryInfo(_worker.Folder["repo/data"])
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .MaxBy(file => file.Length)!;
        pack.Delete();
        var folder = Directory.CreateDirectory(_worker.Folder["restored"]);
        await File.WriteAllTextAsync(
            _worker.Folder["restored/target"],
            "yesterday's",
            TestContext.Current.CancellationToken
        );

        var dump = await _worker.RunAsync("dump", "latest", path, "--target", _worker.Folder["restored/target"]);

        Assert.Equal(ExitCodes.Failed, dump.ExitCode);
        Assert.Equal("target", Assert.Single(folder.EnumerateFiles()).Name);
        Assert.Equal(
            "yesterday's",
            await File.ReadAllTextAsync(_worker.Folder["restored/target"], TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task A_target_keeps_its_rights_and_a_link_stays_a_link()
    {
        await _worker.JsonAsync("init");
        var content = SeededBytes.Random("target", 100_000);
        await _worker.BackupAsync(content);
        await File.WriteAllTextAsync(_worker.Folder["real"], "yesterday's", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(
            _worker.Folder["real"],
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite
        );
        File.CreateSymbolicLink(_worker.Folder["link"], "real");

        (await _worker.RunAsync("dump", "latest", "/db.sql", "--target", _worker.Folder["link"])).Succeeded();

        Assert.Equal(
            content,
            await File.ReadAllBytesAsync(_worker.Folder["real"], TestContext.Current.CancellationToken)
        );
        Assert.Equal("real", new FileInfo(_worker.Folder["link"]).LinkTarget);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite,
            File.GetUnixFileMode(_worker.Folder["real"])
        );
    }

    [Fact]
    public async Task A_named_pipe_is_written_and_stays_one()
    {
        await _worker.JsonAsync("init");
        var content = SeededBytes.Random("target", 300_000);
        await _worker.BackupAsync(content);
        var pipe = _worker.Folder["pipe"];
        (
            await CommandLine.RunAsync("mkfifo", [pipe], cancellationToken: TestContext.Current.CancellationToken)
        ).Succeeded();
        using var read = new MemoryStream();
        var reading = CommandLine.RunAsync(
            "cat",
            [pipe],
            output: read,
            cancellationToken: TestContext.Current.CancellationToken
        );

        (await _worker.RunAsync("dump", "latest", "/db.sql", "--target", pipe)).Succeeded();

        (await reading).Succeeded();
        Assert.Equal(content, read.ToArray());
        Assert.Equal(0, new FileInfo(pipe).Length);
    }

    [Theory]
    [InlineData("/no-such-folder/x")]
    [InlineData("/tmp")]
    [InlineData("/dev/full")]
    public async Task A_target_that_cannot_be_written_is_named(string target)
    {
        await _worker.JsonAsync("init");
        await _worker.BackupAsync([1, 2, 3]);

        var dump = await _worker.RunAsync("dump", "latest", "/db.sql", "--target", target);

        Assert.Equal(ExitCodes.Failed, dump.ExitCode);
        Assert.Contains(target, dump.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", dump.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("latest:dumps", "shop.sql")]
    [InlineData("latest:/dumps/", "/shop.sql")]
    [InlineData("latest:", "/dumps/shop.sql")]
    public async Task A_folder_of_a_snapshot_may_be_named_with_it_as_in_restic(string snapshot, string path)
    {
        await _worker.JsonAsync("init");
        (
            await _worker.RunAsync(
                "backup",
                "--command",
                "dumps/shop.sql=echo shop",
                "--command",
                "shop.sql=echo other"
            )
        ).Succeeded();
        using var theirs = new MemoryStream();
        (
            await _worker.Restic.RunAsync(
                ["dump", snapshot, path],
                output: theirs,
                cancellationToken: TestContext.Current.CancellationToken
            )
        ).Succeeded();

        Assert.Equal("shop\n", Encoding.ASCII.GetString(theirs.ToArray()));
        Assert.Equal(theirs.ToArray(), await _worker.DumpAsync(snapshot, path));
    }
}
