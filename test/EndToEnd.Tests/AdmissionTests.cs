using Granary.TestSupport;

namespace Granary.EndToEnd.Tests;

public sealed class AdmissionTests(StageFixture fixture) : StageTest(fixture)
{
    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            {
                "a cron expression that is none",
                "schedule: \"0 0 29 2 *\"",
                "schedule: \"every tuesday\"|spec.schedule"
            },
            {
                "no target",
                "  target:\n    ref: {apiVersion: appcatalog.appscode.com/v1alpha1, kind: AppBinding, name: "
                    + "sample-postgres}\n",
                "|spec.target"
            },
            { "a kind of target nobody knows", "kind: AppBinding, name", "kind: Spaceship, name|spec.target.ref.kind" },
            { "a negative count", "keepLast: 5", "keepLast: -1|spec.retentionPolicy.keepLast" },
            {
                "an unknown field",
                "task: {name: postgres-backup-17.2}",
                "task: {name: postgres-backup-17.2}\n  shedule: x|spec.shedule"
            },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_wrong_BackupConfiguration_is_refused_with_the_path_of_the_field(
        string mistake,
        string right,
        string wrongAndPath
    )
    {
        Manifests yaml = await NamespaceAsync("e2e-admission");
        string[] parts = wrongAndPath.Split('|');
        string wrong = yaml.Backup().ReplaceLineEndings("\n").Replace(right, parts[0], StringComparison.Ordinal);
        Assert.NotEqual(yaml.Backup(), wrong);

        CommandResult applied = await Kubectl.TryAsync(["apply", "-f", "-"], wrong);

        Assert.True(applied.ExitCode != 0, $"{mistake} was accepted: {applied.Output}");
        Assert.Contains(parts[1], applied.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_BackupConfiguration_whose_Repository_is_missing_is_accepted_with_a_warning_and_recovers()
    {
        Manifests yaml = await NamespaceAsync("e2e-early");
        CommandResult applied = await Kubectl.TryAsync(["apply", "-f", "-"], yaml.Backup());

        Assert.Equal(0, applied.ExitCode);
        Assert.Contains("Warning", applied.Error, StringComparison.Ordinal);
        Assert.Contains("repo", applied.Error, StringComparison.Ordinal);
        System.Text.Json.Nodes.JsonNode waiting = await WaitForPhaseAsync(
            "backupconfiguration",
            yaml.Namespace,
            "backup",
            "NotReady"
        );
        Assert.Contains("RepositoryFound", waiting.ToJsonString(), StringComparison.Ordinal);

        await Kubectl.ApplyAsync(yaml.Storage(Stage.S3));
        await Kubectl.ApplyAsync(yaml.Database("sample-postgres", Stage.Source.Password));

        await WaitForPhaseAsync("backupconfiguration", yaml.Namespace, "backup", "Ready");
    }

    [Fact]
    public async Task Kinds_are_listed_with_their_columns_under_their_short_names()
    {
        Manifests yaml = await NamespaceAsync("e2e-columns");
        await PrepareAsync(yaml);

        string configurations = await Kubectl.RunAsync("get", "bc", "-n", yaml.Namespace);
        string repositories = await Kubectl.RunAsync("get", "repo", "-n", yaml.Namespace);
        string everything = await Kubectl.RunAsync("get", "stash", "-n", yaml.Namespace);

        Assert.Matches(@"NAME\s+TASK\s+SCHEDULE\s+PAUSED\s+PHASE\s+AGE", configurations);
        Assert.Matches(@"NAME\s+INTEGRITY\s+SIZE\s+SNAPSHOT-COUNT\s+LAST-SUCCESSFUL-BACKUP\s+AGE", repositories);
        Assert.Contains("backupconfiguration.stash.appscode.com/backup", everything, StringComparison.Ordinal);
    }
}
