using System.Text.Json.Nodes;
using Granary.EndToEnd;
using Granary.TestSupport;
using Granary.TestSupport.Databases;

namespace Granary.Demo;

/// <summary>The demo, act by act.</summary>
internal sealed class Play(Stage stage, DemoOptions options, Narrator narrator)
{
    private const long HalfWay = 20_000_000;
    private static readonly TimeSpan SlotPatience = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan SessionPatience = TimeSpan.FromMinutes(4);
    private readonly Kubectl _kubectl = stage.Kubectl;

    /// <summary>Runs the demo; answers the exit status and prints the verdict as the last line.</summary>
    public static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        var narrator = new Narrator();
        string verdict = "demo: PASS";
        Stage? stage = null;
        try
        {
            narrator.Chapter("A cluster, an S3 server, two PostgreSQL servers");
            stage = await Stage.StartAsync(
                new StageOptions { PostgresMajor = options.PostgresMajor, Say = narrator.Say },
                cancellationToken
            );
            await new Play(stage, options, narrator).PerformAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            string why = e is DemoFailedException ? e.Message : $"{e.GetType().Name}: {e.Message}";
            verdict = $"demo: FAIL {why.ReplaceLineEndings(" ")}";
            if (stage is not null && e is not DemoFailedException)
            {
                narrator.Show("what the operator said last", await stage.OperatorLogAsync());
            }
        }

        if (stage is not null && options.Keep)
        {
            await KeepAsync(stage, narrator, verdict, cancellationToken);
        }

        if (stage is not null)
        {
            await stage.DisposeAsync();
        }

        narrator.Say($"took {narrator.Elapsed.TotalSeconds:0} s");
        await Console.Out.WriteLineAsync(verdict);
        return verdict.EndsWith("PASS", StringComparison.Ordinal) ? 0 : 1;
    }

    private static async Task KeepAsync(
        Stage stage,
        Narrator narrator,
        string verdict,
        CancellationToken cancellationToken
    )
    {
        narrator.Chapter("Everything stays up; Ctrl+C ends it");
        narrator.Say(verdict);
        narrator.Show(
            "use kubectl by hand",
            $"export KUBECONFIG={stage.Kubeconfig}\n{RepositoryRoot.Tool("kubectl")} get backupsessions -n "
                + $"{Samples.Namespace}"
        );
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            narrator.Say("ending");
        }
    }

    private async Task PerformAsync(CancellationToken cancellationToken)
    {
        narrator.Chapter("Data to lose");
        await SampleData.FillAsync(stage.Source, SampleSize.Demo, cancellationToken);
        narrator.Say(
            $"{await SampleData.SizeAsync(stage.Source, cancellationToken) / 1e6:0} MB in "
                + $"{string.Join(", ", SampleData.Databases)} and pgbench's tables, with roles, large objects, "
                + "partitions, triggers"
        );

        await ApplyAsync();
        JsonNode session = await BackUpAsync();
        await LookAsync(session);
        if (options.Break == Breakage.FlipPack)
        {
            narrator.Say(
                "on purpose: flipped a byte in "
                    + $"{await Sabotage.FlipPackAsync(stage, cancellationToken: cancellationToken)}"
            );
        }

        await RestoreAsync();
        await CompareAsync(cancellationToken);
    }

    private async Task ApplyAsync()
    {
        narrator.Chapter("What a user applies");
        await stage.ConnectAsync(Samples.Namespace);
        foreach (string sample in (string[])["secret", "repository", "appbinding"])
        {
            await ShowAsync("apply", "-f", Samples.PathOf(sample));
        }

        narrator.Say("the sample's schedule is */5; the demo asks for every minute");
        string configuration = Samples
            .Read("backupconfiguration")
            .Replace("\"*/5 * * * *\"", "\"* * * * *\"", StringComparison.Ordinal);
        if (options.Break == Breakage.StopStorage)
        {
            configuration +=
                "  runtimeSettings: {container: {env: [{name: GRANARY_STORAGE_RETRY_TIMEOUT, value: 20s}]}}\n";
        }

        narrator.Show(
            "kubectl apply -f config/samples/backupconfiguration.yaml",
            await _kubectl.ApplyAsync(configuration)
        );
        if (options.Break == Breakage.DropRule)
        {
            await Sabotage.DropStatusRuleAsync(_kubectl);
            narrator.Say("on purpose: stash-backup-job may no longer write the session's status");
        }

        await Eventually.TrueAsync("the BackupConfiguration to be Ready", async () =>
            (string?)
                (await _kubectl.GetAsync("backupconfiguration", "sample-postgres-backup", Samples.Namespace))
                    ?["status"]
                    ?["phase"] == "Ready"
        );
        await ShowAsync("get", "repositories,appbindings,backupconfigurations,cronjobs", "-n", Samples.Namespace);
    }

    private async Task KillDumpAsync()
    {
        int dump = await Sabotage.KillDumpAsync(Samples.Namespace);
        narrator.Say($"on purpose: killed pg_dump (process {dump})");
    }

    private async Task StopStorageAsync()
    {
        await Sabotage.StopStorageAsync(stage, HalfWay);
        narrator.Say("on purpose: the S3 server is gone");
    }

    private async Task<JsonNode> BackUpAsync()
    {
        narrator.Chapter("The schedule creates a BackupSession by itself");
        string name = await Sessions.NextAsync(_kubectl, Samples.Namespace, "sample-postgres-backup", [], SlotPatience);
        await _kubectl.RunAsync(
            "patch",
            "backupconfiguration",
            "sample-postgres-backup",
            "-n",
            Samples.Namespace,
            "--type=merge",
            "-p",
            """{"spec":{"paused":true}}"""
        );
        await ShowAsync("get", "backupsessions,jobs,pods", "-n", Samples.Namespace);
        Task sabotage = options.Break switch
        {
            Breakage.KillDump => KillDumpAsync(),
            Breakage.StopStorage => StopStorageAsync(),
            _ => Task.CompletedTask,
        };
        JsonNode session = await Sessions.EndAsync(_kubectl, "backupsession", Samples.Namespace, name, SessionPatience);
        await sabotage;
        foreach (JsonNode job in (await _kubectl.ListAsync("jobs", Samples.Namespace)).Where(job => Owner(job) == name))
        {
            await ShowAsync(
                "logs",
                "-n",
                Samples.Namespace,
                $"job/{(string)job["metadata"]!["name"]!}",
                "--all-containers",
                "--tail=40"
            );
        }

        await ShowAsync("get", "backupsessions,jobs,pods", "-n", Samples.Namespace);
        return Sessions.Phase(session) == "Succeeded"
            ? session
            : throw new DemoFailedException(
                $"BackupSession {name} is {Sessions.Phase(session)}: {Sessions.Reason(session)}"
            );
    }

    private async Task LookAsync(JsonNode session)
    {
        narrator.Chapter("What it left");
        await ShowAsync("get", "repositories,backupconfigurations,backupsessions", "-n", Samples.Namespace);
        narrator.Show(
            "kubectl get repository -o jsonpath={.status}",
            await _kubectl.RunAsync("get", "repository", "-n", Samples.Namespace, "-o", "jsonpath={.items[0].status}")
        );
        string[] metrics =
        [
            .. (await stage.MetricsAsync())
                .Split('\n')
                .Where(line =>
                    line.StartsWith("stash_", StringComparison.Ordinal)
                    && !line.StartsWith("stash_appscode_com", StringComparison.Ordinal)
                ),
        ];
        narrator.Show($"curl http://{stage.OperatorAddress}:56789/metrics | grep ^stash_", string.Join('\n', metrics));
        if (
            !metrics.Any(line =>
                line.StartsWith("stash_backup_session_success", StringComparison.Ordinal)
                && line.EndsWith(" 1", StringComparison.Ordinal)
            )
        )
        {
            throw new DemoFailedException("the Pushgateway has no stash_backup_session_success of 1");
        }

        ResticCli restic = await stage.ResticAsync(Samples.Namespace, "sample-repository");
        narrator.Show(
            "restic snapshots   (the reference program, on the same bucket)",
            (await restic.RunAsync(["snapshots"])).Succeeded().Output
        );
        string id = (string?)session["status"]?["targets"]?[0]?["stats"]?[0]?["snapshots"]?[0]?["name"] ?? "";
        if (
            id.Length == 0
            || !(await restic.RunAsync(["snapshots", "--json"]))
                .Succeeded()
                .Output.Contains(id, StringComparison.Ordinal)
        )
        {
            throw new DemoFailedException($"restic does not list the snapshot '{id}' that the BackupSession names");
        }
    }

    private async Task RestoreAsync()
    {
        narrator.Chapter("Back into an empty server");
        await ShowAsync("apply", "-f", Samples.PathOf("restoresession"));
        JsonNode restore = await Sessions.EndAsync(
            _kubectl,
            "restoresession",
            Samples.Namespace,
            "sample-postgres-restore",
            SessionPatience
        );
        foreach (
            JsonNode job in (await _kubectl.ListAsync("jobs", Samples.Namespace)).Where(job =>
                Owner(job) == "sample-postgres-restore"
            )
        )
        {
            await ShowAsync(
                "logs",
                "-n",
                Samples.Namespace,
                $"job/{(string)job["metadata"]!["name"]!}",
                "--all-containers",
                "--tail=40"
            );
        }

        await ShowAsync("get", "restoresessions,jobs,pods", "-n", Samples.Namespace);
        if (Sessions.Phase(restore) != "Succeeded")
        {
            throw new DemoFailedException(
                $"RestoreSession sample-postgres-restore is {Sessions.Phase(restore)}: {Sessions.Reason(restore)}"
            );
        }
    }

    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        narrator.Chapter("Is it the same?");
        IReadOnlyList<string> source = await ServerComparison.DescribeAsync(stage.Source, cancellationToken);
        IReadOnlyList<string> target = await ServerComparison.DescribeAsync(stage.Target, cancellationToken);
        narrator.Say(
            $"source: {source.Count} facts, fingerprint {ServerComparison.Fingerprint(source)}; target: "
                + $"{target.Count} facts, fingerprint {ServerComparison.Fingerprint(target)}"
        );
        foreach (string table in source.Where(fact => fact.StartsWith("table ", StringComparison.Ordinal)).Take(8))
        {
            narrator.Say(table);
        }

        IReadOnlyList<string> differences = ServerComparison.Differences(source, target);
        if (differences.Count > 0)
        {
            narrator.Show("differences (- source, + target)", string.Join('\n', differences.Take(40)));
            throw new DemoFailedException(
                $"the two servers differ in {differences.Count} facts, first: {differences[0]}"
            );
        }
    }

    private static string? Owner(JsonNode node) => (string?)node["metadata"]?["ownerReferences"]?[0]?["name"];

    private async Task ShowAsync(params string[] arguments) =>
        narrator.Show(
            $"kubectl {string.Join(' ', arguments).Replace(RepositoryRoot.Path + "/", "", StringComparison.Ordinal)}",
            await _kubectl.RunAsync(arguments)
        );
}
