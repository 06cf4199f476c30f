using System.Globalization;
using System.Text.Json.Nodes;
using Granary.Storage.Local;
using Granary.TestSupport;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>The commands that remove or rewrite what a repository holds, and what restic says of it then.</summary>
public sealed class RemovalCommandTests : RepositoryCommandTest
{
    [Fact]
    public async Task Forget_and_prune_remove_and_say_so_in_two_lines_of_json()
    {
        await ThreeBackupsAsync();
        var before = await Worker.ListAsync("packs");

        var dryRun = Lines(
            await Worker.RunAsync("forget", "--keep-last", "1", "--prune", "--max-unused", "0", "--dry-run", "--json")
        );
        Assert.Equal(before, await Worker.ListAsync("packs"));
        var forget = Lines(
            await Worker.RunAsync("forget", "--keep-last", "1", "--prune", "--max-unused", "0", "--json")
        );

        Assert.Equal((2, 2), (dryRun.Count, forget.Count));
        Assert.Equal(dryRun[0].ToJsonString(), forget[0].ToJsonString());
        Assert.Equal("prune", (string)forget[1]["message_type"]!);
        Assert.True((long)forget[1]["statistics"]!["bytes_freed"]! > 3_000_000);
        Assert.Equal(dryRun[1]["statistics"]!.ToJsonString(), forget[1]["statistics"]!.ToJsonString());
        Assert.Single((await Worker.JsonAsync("snapshots")).AsArray());
        await ResticCheckAsync();
        Assert.Equal(Content(2), await Worker.DumpAsync("latest", "/db.sql"));
    }

    [Fact]
    public async Task Forget_removes_exactly_the_snapshots_that_are_named()
    {
        await ThreeBackupsAsync();
        var ids = (await Worker.JsonAsync("snapshots")).AsArray().Select(snapshot => (string)snapshot!["id"]!).ToList();

        (await Worker.RunAsync("forget", ids[1][..10], ids[1])).Succeeded();

        Assert.Equal(
            [ids[0], ids[2]],
            (await Worker.JsonAsync("snapshots")).AsArray().Select(snapshot => (string)snapshot!["id"]!)
        );
    }

    [Fact]
    public async Task Tables_tell_snapshots_apart_and_count_what_was_removed()
    {
        await Worker.JsonAsync("init");
        await Worker.BackupAsync([1], "--tag", "nightly,full");
        await Worker.BackupAsync([2]);
        (
            await Worker.RunAsync("backup", "--command", "other.sql=echo 3", "--host", "host-0", "--tag", "weekly")
        ).Succeeded();
        var ids = (await Worker.JsonAsync("snapshots"))
            .AsArray()
            .Select(snapshot => (string)snapshot!["short_id"]!)
            .ToList();

        var table = (await Worker.RunAsync("snapshots")).Succeeded().Output;
        var dryRun = (await Worker.RunAsync("forget", "--keep-last", "1", "--dry-run")).Succeeded().Output;
        var policy = (await Worker.RunAsync("forget", "--keep-last", "1")).Succeeded().Output;
        var named = (await Worker.RunAsync("forget", ids[1])).Succeeded().Output;

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
            (await Worker.JsonAsync("snapshots")).AsArray().Select(snapshot => (string)snapshot!["short_id"]!)
        );
    }

    [Fact]
    public async Task Prune_frees_what_max_unused_says_and_a_dry_run_nothing()
    {
        await Worker.JsonAsync("init");
        await Worker.BackupAsync([.. Content(0), .. SeededBytes.Random("more", 3_000_000)]);
        await Worker.BackupAsync(Content(0));
        (await Worker.RunAsync("forget", "--keep-last", "1")).Succeeded();
        var before = await Worker.ListAsync("packs");

        var dry = await Worker.JsonAsync("prune", "--dry-run", "--max-unused", "0");
        var dryText = (await Worker.RunAsync("prune", "--dry-run", "--max-unused", "0")).Succeeded().Output;
        Assert.Equal(before, await Worker.ListAsync("packs"));
        var unlimited = await Worker.JsonAsync("prune", "--max-unused", "unlimited");
        var all = (await Worker.RunAsync("prune", "--max-unused", "0")).Succeeded();

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
        await Worker.JsonAsync("init");
        await Worker.BackupAsync(SeededBytes.Random("small 0", 2_000_000));
        await Worker.BackupAsync(SeededBytes.Random("small 1", 2_000_000));
        var before = Directory
            .EnumerateFiles(Worker.Folder["repo/data"], "*", SearchOption.AllDirectories)
            .Count(file => new FileInfo(file).Length > 1_500_000);

        (await Worker.RunAsync(["prune", .. flags])).Succeeded();

        var after = Directory
            .EnumerateFiles(Worker.Folder["repo/data"], "*", SearchOption.AllDirectories)
            .Count(file => new FileInfo(file).Length > 1_500_000);
        Assert.Equal((2, 2 - joined), (before, after));
        await ResticCheckAsync();
    }

    [Fact]
    public async Task Migrate_upgrades_and_prune_compresses()
    {
        (await Worker.RunAsync("init", "--repository-version", "1")).Succeeded();
        var text = SeededBytes.CopyText("text", 3_000_000);
        await Worker.BackupAsync(text);

        var tooEarly = await Worker.RunAsync("prune", "--repack-uncompressed");
        var migrated = await Worker.JsonAsync("migrate");
        var again = (await Worker.RunAsync("migrate", "upgrade_repo_v2")).Succeeded();
        var unknown = await Worker.RunAsync("migrate", "upgrade_repo_v9");
        (await Worker.RunAsync("prune", "--repack-uncompressed")).Succeeded();

        Assert.Equal(ExitCodes.Failed, tooEarly.ExitCode);
        Assert.Contains("migrate upgrades this one", tooEarly.Log, StringComparison.Ordinal);
        Assert.Equal((1, 2), ((int)migrated["from"]!, (int)migrated["to"]!));
        Assert.Contains("version 2 already", again.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, unknown.ExitCode);
        Assert.Contains("upgrade_repo_v2", unknown.Log, StringComparison.Ordinal);
        Assert.InRange((long)(await Worker.JsonAsync("stats", "--mode", "raw-data"))["total_size"]!, 1, 2_000_000);
        await ResticCheckAsync();
        Assert.Equal(text, await Worker.DumpAsync("latest", "/db.sql"));
    }
}
