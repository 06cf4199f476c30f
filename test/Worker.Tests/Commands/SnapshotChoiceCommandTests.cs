using System.Text.Json.Nodes;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>A repository with a year of snapshots, made once for the tests that only look at it.</summary>
public sealed class YearOfSnapshots : IAsyncLifetime
{
    internal HandyWorker Worker { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Worker.JsonAsync("init");
        string[] times =
        [
            "2025-02-27 10:00:00",
            "2025-12-28 10:00:00",
            "2025-12-31 23:59:59",
            "2026-01-01 00:00:00",
            "2026-01-30 02:00:00",
            "2026-02-01 02:00:00",
            "2026-02-02 02:00:00",
            "2026-02-02 14:00:00",
            "2026-02-02 14:30:00",
            "2026-02-02 15:10:00",
            "2026-02-03 02:00:00",
        ];
        foreach (var (time, i) in times.Select((time, i) => (time, i)))
        {
            string[] tags = (i % 3) switch
            {
                0 => ["--tag", "nightly"],
                1 => ["--tag", "nightly,full"],
                _ => [],
            };
            await Worker.BackupAsync([1, 2, 3], ["--time", time, .. tags]);
        }

        await Worker.RunAsync(
            [4, 5],
            null,
            "backup",
            "--stdin",
            "--stdin-filename",
            "other.sql",
            "--host",
            "host-1",
            "--time",
            "2026-01-15 12:00:00",
            "--tag",
            "full"
        );
        await Worker.RunAsync(
            [4, 5],
            null,
            "backup",
            "--stdin",
            "--stdin-filename",
            "other.sql",
            "--host",
            "host-1",
            "--time",
            "2026-01-16 12:00:00"
        );
    }

    public ValueTask DisposeAsync()
    {
        Worker.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>The commands that choose snapshots choose the same ones as restic.</summary>
public sealed class SnapshotChoiceCommandTests(YearOfSnapshots year) : IClassFixture<YearOfSnapshots>
{
    private static readonly string[] Lists = ["keep", "remove"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData]
    [InlineData("--host", "host-1")]
    [InlineData("--host", "host-1", "--host", "host-0")]
    [InlineData("--path", "/other.sql")]
    [InlineData("--tag", "full")]
    [InlineData("--tag", "nightly,full")]
    [InlineData("--tag", "nightly, full")]
    [InlineData("--tag", "nightly", "--tag", "full")]
    [InlineData("--latest", "1")]
    [InlineData("--latest", "2", "--tag", "nightly")]
    [InlineData("latest")]
    [InlineData("latest", "--host", "host-1")]
    public async Task Snapshots_are_chosen_as_restic_does(params string[] flags)
    {
        var theirs = await ResticAsync(["snapshots", .. flags]);

        var ours = await year.Worker.JsonAsync(["snapshots", .. flags]);
        var text = (await year.Worker.RunAsync(["snapshots", .. flags])).Succeeded().Output;

        Assert.NotEmpty(Ids(theirs));
        Assert.Equal(Ids(theirs), Ids(ours));
        Assert.All(Ids(theirs), id => Assert.Contains(id[..8], text, StringComparison.Ordinal));
        Assert.Contains($"{Ids(theirs).Count} snapshots", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_of_the_environment_chooses_as_it_does_for_restic()
    {
        year.Worker.Variables["RESTIC_HOST"] = "host-1";
        try
        {
            var listed = await year.Worker.JsonAsync("snapshots");
            Assert.Equal(2, listed.AsArray().Count);
            Assert.Equal(Ids(await ResticAsync(["snapshots"])), Ids(listed));
            Assert.Equal(11, (await year.Worker.JsonAsync("snapshots", "--host", "host-0")).AsArray().Count);
            Assert.Equal(2, (int)(await year.Worker.JsonAsync("stats"))["snapshots_count"]!);

            string[] forget = ["forget", "--dry-run", "--group-by", "", "--keep-last", "1"];
            var theirs = await ResticAsync(forget);
            var ours = await year.Worker.JsonAsync(forget);
            Assert.All(Lists, list => Assert.Equal(Groups(theirs, list), Groups(ours, list)));
            Assert.Equal([4, 5], await year.Worker.DumpAsync("latest", "/other.sql"));
        }
        finally
        {
            year.Worker.Variables.Remove("RESTIC_HOST");
        }
    }

    [Theory]
    [InlineData("--keep-last", "2")]
    [InlineData("--keep-last", "unlimited")]
    [InlineData("--keep-hourly", "3")]
    [InlineData("--keep-daily", "3")]
    [InlineData("--keep-weekly", "3")]
    [InlineData("--keep-monthly", "2")]
    [InlineData("--keep-yearly", "5")]
    [InlineData("--keep-within", "3d")]
    [InlineData("--keep-within-hourly", "36h")]
    [InlineData("--keep-within-daily", "14d")]
    [InlineData("--keep-within-weekly", "2m")]
    [InlineData("--keep-within-monthly", "1y")]
    [InlineData("--keep-within-yearly", "2y")]
    [InlineData("--keep-tag", "full", "--keep-last", "1")]
    [InlineData("--keep-tag", "nightly,full", "--keep-last", "1")]
    [InlineData("--keep-tag", "nightly, full", "--keep-last", "1")]
    [InlineData(
        "--keep-last",
        "2",
        "--keep-daily",
        "2",
        "--keep-weekly",
        "2",
        "--keep-monthly",
        "2",
        "--keep-yearly",
        "2"
    )]
    [InlineData("--keep-last", "1", "--group-by", "")]
    [InlineData("--keep-last", "1", "--group-by=")]
    [InlineData("--keep-last", "1", "--group-by", "host")]
    [InlineData("--keep-last", "1", "--group-by", "paths,tags")]
    [InlineData("--keep-last", "1", "--host", "host-1")]
    public async Task Retention_keeps_and_removes_what_restic_does(params string[] flags)
    {
        var theirs = await ResticAsync(["forget", "--dry-run", .. flags]);

        var ours = await year.Worker.JsonAsync(["forget", "--dry-run", .. flags]);
        var text = (await year.Worker.RunAsync(["forget", "--dry-run", .. flags])).Succeeded().Output;

        foreach (var list in Lists)
        {
            Assert.Equal(Groups(theirs, list), Groups(ours, list));
        }

        Assert.Equal(Matches(theirs), Matches(ours));
        Assert.All(theirs.AsArray().SelectMany(group => Ids(group!["remove"])), id =>
            Assert.Contains($"remove {id[..8]}", text, StringComparison.Ordinal)
        );
        Assert.Equal(13, (await year.Worker.JsonAsync("snapshots")).AsArray().Count);
    }

    [Theory]
    [InlineData("restore-size", "host-0", 33)]
    [InlineData("files-by-contents", "host-0", 3)]
    [InlineData("raw-data", "host-1", 1)]
    [InlineData("blobs-per-file", "host-1", 2)]
    public async Task Stats_are_restics(string mode, string host, long atLeast)
    {
        var theirs = await ResticAsync(["stats", "--mode", mode, "--host", host]);

        var ours = await year.Worker.JsonAsync("stats", "--mode", mode, "--host", host);
        var ofOne = await year.Worker.JsonAsync("stats", "latest", "--host", host);
        var text = (await year.Worker.RunAsync("stats", "--mode", mode, "--host", host)).Succeeded().Output;

        Assert.Equal((long)theirs["total_size"]!, (long)ours["total_size"]!);
        Assert.Equal((int)theirs["snapshots_count"]!, (int)ours["snapshots_count"]!);
        Assert.InRange((long)ours["total_size"]!, atLeast, long.MaxValue);
        Assert.Equal(1, (int)ofOne["snapshots_count"]!);
        Assert.Contains($"{ours["snapshots_count"]} snapshots", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keep rule", "forget")]
    [InlineData("whole number or unlimited", "forget", "--keep-last", "some")]
    [InlineData("--keep-within", "forget", "--keep-within", "soon")]
    [InlineData("not 'colour'", "forget", "--keep-last", "1", "--group-by", "colour")]
    [InlineData("would delete the last snapshot", "forget", "--keep-tag", "no-such-tag")]
    [InlineData("exactly one is needed", "forget", "0000000")]
    [InlineData("no snapshot matches", "snapshots", "latest", "--host", "nobody")]
    [InlineData("--mode is 'x'", "stats", "--mode", "x")]
    public async Task What_cannot_be_is_refused_and_nothing_is_removed(string words, params string[] arguments)
    {
        var outcome = await year.Worker.RunAsync(arguments);

        Assert.Equal(ExitCodes.Failed, outcome.ExitCode);
        Assert.Contains(words, outcome.Log, StringComparison.Ordinal);
        Assert.Equal(13, (await year.Worker.JsonAsync("snapshots")).AsArray().Count);
    }

    private static List<string> Ids(JsonNode? snapshots) =>
        [.. snapshots?.AsArray().Select(snapshot => (string)snapshot!["id"]!) ?? []];

    private static string Groups(JsonNode groups, string list) =>
        string.Join(
            '\n',
            groups.AsArray().Select(group => string.Join(' ', Ids(group![list]))).Order(StringComparer.Ordinal)
        );

    private static string Matches(JsonNode groups) =>
        string.Join(
            '\n',
            groups
                .AsArray()
                .Select(group =>
                    string.Join(
                        "; ",
                        group!["reasons"]!
                            .AsArray()
                            .Select(reason =>
                                string.Join(", ", reason!["matches"]!.AsArray().Select(match => (string)match!))
                            )
                    )
                )
                .Order(StringComparer.Ordinal)
        );

    private async Task<JsonNode> ResticAsync(string[] arguments) =>
        JsonNode.Parse(
            (await year.Worker.Restic.RunAsync([.. arguments, "--json"], cancellationToken: Token)).Succeeded().Output
        )!;
}
