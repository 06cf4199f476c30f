using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.TestSupport.Databases;
using Granary.TestSupport.Servers;
using Granary.Worker.Reporting;
using Granary.Worker.Tests.Support;
using k8s;
using k8s.Models;
using RepositoryResource = Granary.Api.Stash.V1Alpha1.Repository;

namespace Granary.Worker.Tests.Steps;

/// <summary>The steps of a Job with real servers, a real repository and a real API server.</summary>
public sealed class BackupAndRestoreTests
{
    private const string Namespace = WorkerHarness.Namespace;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_is_restored_to_the_same_data_and_everyone_is_told()
    {
        await using var source = await PostgresServer.StartAsync(new() { RequireTls = true }, Token);
        await using var target = await PostgresServer.StartAsync(new() { Password = "password-of-the-target" }, Token);
        await using var pushgateway = await PushgatewayServer.StartAsync(cancellationToken: Token);
        await using var worker = await WorkerHarness.StartAsync();
        await SampleData.FillAsync(source, SampleSize.Small, Token);
        await worker.BindAsync("db", source);
        await worker.BindAsync("other", target);
        var storage = await worker.PrepareLocalAsync("db");
        await worker.CreateSessionAsync("nightly-1", "db");
        string[] common =
        [
            .. storage,
            $"--scratch-dir={worker.Folder["scratch"]}",
            $"--namespace={Namespace}",
            "--license-apiservice=",
        ];
        string[] update =
        [
            "update-status",
            .. common,
            "--target-kind=AppBinding",
            $"--target-namespace={Namespace}",
            "--metrics-enabled=true",
            $"--metrics-pushgateway-url={pushgateway.Url}",
        ];

        var backup = await worker.RunAsync([
            "backup-pg",
            .. common,
            "--hostname=",
            "--backup-cmd=pg_dumpall",
            "--pg-args=",
            "--appbinding=db",
            $"--appbinding-namespace={Namespace}",
            "--backupsession=nightly-1",
            "--retention-keep-last=2",
            $"--output-dir={worker.Folder["out"]}",
        ]);
        var reported = await worker.RunAsync([
            .. update,
            "--backupsession=nightly-1",
            "--invoker-kind=BackupConfiguration",
            "--invoker-name=nightly",
            "--target-name=db",
            $"--output-dir={worker.Folder["out"]}",
        ]);

        Assert.Equal((0, 0), (backup, reported));
        var host = await worker.HostAsync("out");
        Assert.Equal((HostPhase.Succeeded, "host-0", null), (host.Phase, host.Hostname, host.Error));
        var snapshot = Assert.Single(host.Snapshots!);
        Assert.Equal(("dumpfile.sql", 64, 1L), (snapshot.Path, snapshot.Name.Length, snapshot.FileStats!.TotalFiles));
        Assert.True(snapshot.TotalBytes > 1_000_000);

        var session = await worker.ReadAsync<BackupSession>("nightly-1");
        var stats = Assert.Single(Assert.Single(session.Status.Targets).Stats);
        Assert.Equal(
            (HostPhase.Succeeded, snapshot.Name, snapshot.TotalSize),
            (stats.Phase, stats.Snapshots![0].Name, stats.Snapshots[0].TotalSize)
        );
        foreach (
            var condition in new[]
            {
                ConditionTypes.BackendRepositoryInitialized,
                ConditionTypes.RetentionPolicyApplied,
                ConditionTypes.RepositoryIntegrityVerified,
                ConditionTypes.RepositoryMetricsPushed,
            }
        )
        {
            Assert.True(
                session.Status.Conditions.IsTrue(condition),
                $"{condition}: {session.Status.Conditions.Find(condition)?.Message}"
            );
        }

        var repository = await worker.ReadAsync<RepositoryResource>("repo");
        Assert.Equal(
            (true, 1L, 0L),
            (
                repository.Status.Integrity,
                repository.Status.SnapshotCount,
                repository.Status.SnapshotsRemovedOnLastCleanup
            )
        );
        Assert.Equal(repository.Status.FirstBackupTime, repository.Status.LastBackupTime);
        Assert.Equal(
            session.Metadata.CreationTimestamp!.Value.ToUniversalTime(),
            repository.Status.LastBackupTime!.Value.UtcDateTime
        );

        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri($"{pushgateway.Url}/metrics"), Token);
        Assert.Contains(
            "stash_backup_host_backup_success{driver=\"Restic\",group=\"kubedb.com\",hostname=\"host-0\"",
            metrics,
            StringComparison.Ordinal
        );
        Assert.Contains($"job=\"backupconfiguration-{Namespace}-nightly\"", metrics, StringComparison.Ordinal);
        Assert.Contains("stash_appscode_com_repository_snapshot_count", metrics, StringComparison.Ordinal);

        await worker.CreateAsync(
            new RestoreSession
            {
                Metadata = new V1ObjectMeta { Name = "back" },
                Spec = new()
                {
                    Repository = new ObjectReference { Name = "repo" },
                    Target = new() { Ref = WorkerHarness.Target("other") },
                },
            }
        );
        var restore = await worker.RunAsync([
            "restore-pg",
            .. common,
            "--hostname=",
            "--source-hostname=",
            "--snapshot=latest",
            "--pg-args=",
            "--appbinding=other",
            $"--appbinding-namespace={Namespace}",
            $"--output-dir={worker.Folder["back"]}",
        ]);
        var told = await worker.RunAsync([
            .. update,
            "--backupsession=",
            "--invoker-kind=RestoreSession",
            "--invoker-name=back",
            "--target-name=other",
            $"--output-dir={worker.Folder["back"]}",
        ]);

        Assert.Equal((0, 0, null), (restore, told, (await worker.HostAsync("back")).Error));
        Assert.Empty(await ServerComparison.DifferencesAsync(source, target, Token));
        var restored = await worker.ReadAsync<RestoreSession>("back");
        Assert.Equal(HostPhase.Succeeded, Assert.Single(restored.Status.Stats).Phase);
        Assert.Contains(
            snapshot.Name[..8],
            restored.Status.Conditions.Find(ConditionTypes.RestoreCompleted)!.Message,
            StringComparison.Ordinal
        );
        metrics = await http.GetStringAsync(new Uri($"{pushgateway.Url}/metrics"), Token);
        Assert.Contains("stash_restore_host_restore_success", metrics, StringComparison.Ordinal);
        var events = await worker.Kubernetes.CoreV1.ListNamespacedEventAsync(Namespace, cancellationToken: Token);
        Assert.Equal(["Host Backup Succeeded", "Host Restore Succeeded"], events.Items.Select(e => e.Reason).Order());

        await AssertNoSecretsAsync(worker, source.Password, target.Password, WorkerHarness.RepositoryPassword);
    }

    private static async Task AssertNoSecretsAsync(WorkerHarness worker, params string[] secrets)
    {
        var seen = new List<string> { worker.Log, worker.Output };
        foreach (var file in Directory.EnumerateFiles(worker.Folder.Path, "output.json", SearchOption.AllDirectories))
        {
            seen.Add(await File.ReadAllTextAsync(file, Token));
        }

        seen.Add(
            KubernetesJson.Serialize(
                await worker.Kubernetes.CoreV1.ListNamespacedEventAsync(Namespace, cancellationToken: Token)
            )
        );
        Assert.All(secrets, secret =>
            Assert.All(seen, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal))
        );
    }
}
