using System.Text.Json.Nodes;
using Granary.TestSupport;
using Granary.TestSupport.Databases;

namespace Granary.EndToEnd.Tests;

public sealed class MainJobTests(StageFixture fixture) : StageTest(fixture)
{
    [Fact]
    public async Task A_scheduled_backup_is_restored_to_an_equal_server()
    {
        Manifests yaml = await NamespaceAsync("e2e-main");
        await PrepareAsync(yaml, "* * * * *");
        Assert.Equal(
            "* * * * *",
            (string?)(await Kubectl.GetAsync("cronjob", "stash-trigger-backup", yaml.Namespace))?["spec"]?["schedule"]
        );

        string first = await Sessions.NextAsync(Kubectl, yaml.Namespace, "backup", [], Patience);
        await Kubectl.RunAsync(
            "patch",
            "backupconfiguration",
            "backup",
            "-n",
            yaml.Namespace,
            "--type=merge",
            "-p",
            """{"spec":{"paused":true}}"""
        );
        await Eventually.TrueAsync(
            "the CronJob to be suspended, and to have nothing running",
            () => IsIdleAsync(yaml),
            Patience
        );

        // On a slow machine the next minute may have come before the pause.
        Dictionary<string, JsonNode> sessions = [];
        foreach (JsonNode made in await Kubectl.ListAsync("backupsessions", yaml.Namespace))
        {
            string name = (string)made["metadata"]!["name"]!;
            sessions.Add(name, await Sessions.EndAsync(Kubectl, "backupsession", yaml.Namespace, name, Patience));
        }

        await AssertPhaseAsync("Succeeded", sessions[first]);
        JsonNode snapshot = SnapshotOf(sessions[first]);
        string[] stored =
        [
            .. sessions
                .Values.Where(session => Sessions.Phase(session) == "Succeeded")
                .Select(session => (string)SnapshotOf(session)["name"]!),
        ];
        Assert.Equal(stored.Order(StringComparer.Ordinal), (await SnapshotsAsync(yaml)).Order(StringComparer.Ordinal));
        Assert.Equal("dumpfile.sql", (string?)snapshot["path"]);
        JsonNode status = (await Kubectl.GetAsync("repository.stash.appscode.com", "repo", yaml.Namespace))!["status"]!;
        Assert.True((bool)status["integrity"]!);
        Assert.Equal(stored.Length, (long)status["snapshotCount"]!);
        Assert.NotNull(status["lastBackupTime"]);
        string metrics = await Stage.MetricsAsync(TestContext.Current.CancellationToken);
        Assert.Contains("stash_backup_session_success", metrics, StringComparison.Ordinal);
        Assert.Contains("stash_appscode_com_repository_snapshot_count", metrics, StringComparison.Ordinal);

        await EmptyTargetAsync();
        JsonNode restore = await RestoreAsync(yaml, "restore");

        await AssertPhaseAsync("Succeeded", restore);
        Assert.Empty(
            ServerComparison.Differences(
                SourceFacts,
                await ServerComparison.DescribeAsync(Stage.Target, TestContext.Current.CancellationToken)
            )
        );
    }

    [Fact]
    public async Task What_is_stored_is_sound_for_restic_and_restic_dumps_the_same_bytes()
    {
        Manifests yaml = await NamespaceAsync("e2e-restic");
        await PrepareAsync(yaml);
        await AssertPhaseAsync("Succeeded", await BackUpAsync(yaml, "first"));
        ResticCli restic = await Stage.ResticAsync(yaml.Namespace, "repo");

        CommandResult check = await restic.RunAsync(["check", "--read-data"]);
        using var dump = new MemoryStream();
        (await restic.RunAsync(["dump", "latest", "dumpfile.sql"], output: dump)).Succeeded();

        Assert.True(check.ExitCode == 0, check.Output + check.Error);
        await EmptyTargetAsync();
        dump.Position = 0;
        (await Stage.Target.RunAsync("psql", ["-X", "-q", "-o", "/dev/null"], input: dump)).Succeeded();
        Assert.Empty(
            ServerComparison.Differences(
                SourceFacts,
                await ServerComparison.DescribeAsync(Stage.Target, TestContext.Current.CancellationToken)
            )
        );
    }

    [Fact]
    public async Task A_snapshot_that_restic_made_of_pg_dumpall_is_restored()
    {
        Manifests yaml = await NamespaceAsync("e2e-from-restic");
        await PrepareAsync(yaml);
        ResticCli restic = await Stage.ResticAsync(yaml.Namespace, "repo");
        using var dump = new MemoryStream();
        (await Stage.Source.RunAsync("pg_dumpall", [], output: dump)).Succeeded();
        dump.Position = 0;
        (await restic.RunAsync(["init"])).Succeeded();
        (
            await restic.RunAsync(["backup", "--stdin", "--stdin-filename", "dumpfile.sql", "--host", "host-0"], dump)
        ).Succeeded();

        await EmptyTargetAsync();
        JsonNode restore = await RestoreAsync(yaml, "restore");

        await AssertPhaseAsync("Succeeded", restore);
        Assert.Empty(
            ServerComparison.Differences(
                SourceFacts,
                await ServerComparison.DescribeAsync(Stage.Target, TestContext.Current.CancellationToken)
            )
        );
    }

    [Fact]
    public async Task A_second_backup_of_unchanged_data_stores_next_to_nothing()
    {
        Manifests yaml = await NamespaceAsync("e2e-again");
        await PrepareAsync(yaml);
        await AssertPhaseAsync("Succeeded", await BackUpAsync(yaml, "first"));

        JsonNode second = await BackUpAsync(yaml, "second");

        await AssertPhaseAsync("Succeeded", second);
        Assert.Equal(2, (await SnapshotsAsync(yaml)).Count);
        Assert.Equal(
            2,
            (long)
                (await Kubectl.GetAsync("repository.stash.appscode.com", "repo", yaml.Namespace))!["status"]![
                    "snapshotCount"
                ]!
        );
    }

    internal static JsonNode SnapshotOf(JsonNode session) =>
        session["status"]!["targets"]![0]!["stats"]![0]!["snapshots"]![0]!;

    private async Task<bool> IsIdleAsync(Manifests yaml) =>
        await Kubectl.GetAsync("cronjob", "stash-trigger-backup", yaml.Namespace) is { } cronJob
        && (bool?)cronJob["spec"]!["suspend"] == true
        && cronJob["status"]?["active"] is null or JsonArray { Count: 0 };
}
