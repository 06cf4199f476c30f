using System.Diagnostics;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.Storage.Local;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.Worker.Reporting;
using Granary.Worker.Tests.Support;
using k8s;

namespace Granary.Worker.Tests.Steps;

/// <summary>What a backup that goes wrong leaves behind: no snapshot, and a reason that helps.</summary>
public sealed class BackupFailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dump_that_is_killed_half_way_leaves_no_snapshot()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var worker = await WorkerHarness.StartAsync();
        await server.ExecuteAsync(
            "CREATE TABLE t AS SELECT i, md5(i::text) AS v FROM generate_series(1, 400000) i",
            cancellationToken: Token
        );
        await worker.BindAsync("db", server);
        var storage = await worker.PrepareLocalAsync("db");
        await server.ExecuteAsync("CREATE TABLE last (v int); INSERT INTO last VALUES (1)", cancellationToken: Token);

        // The lock keeps the dump from ending before it is killed: it waits for the last table with the first one
        // already read.
        await using var holder = new Npgsql.NpgsqlConnection(server.ConnectionString());
        await holder.OpenAsync(Token);
        await using (var begin = new Npgsql.NpgsqlCommand("BEGIN; LOCK TABLE last IN ACCESS EXCLUSIVE MODE", holder))
        {
            await begin.ExecuteNonQueryAsync(Token);
        }

        var running = BackupAsync(worker, storage, "--backup-cmd=pg_dump");
        var dump = await Eventually.ValueAsync(
            "the dump process",
            () => Task.FromResult(Dumps(server)),
            cancellationToken: Token
        );
        Assert.Equal(0, Kill(dump.Id));
        await running;

        var host = await worker.HostAsync("out");
        Assert.Equal(HostPhase.Failed, host.Phase);
        Assert.Contains("pg_dump was killed (signal 9", host.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(worker.Folder["repo"], "snapshots")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(worker.Folder["repo"], "locks")));
    }

    [Fact]
    public async Task Every_failure_is_in_the_output_and_the_step_exits_0()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var worker = await WorkerHarness.StartAsync();
        await worker.BindAsync("db", server);
        await worker.BindAsync("wrong", server, password: "not-the-password");
        var storage = await worker.PrepareLocalAsync("db");
        string[] nowhere =
        [
            .. storage.Select(flag =>
                flag.StartsWith("--storage-secret-name=", StringComparison.Ordinal)
                    ? "--storage-secret-name=nowhere"
                    : flag
            ),
        ];

        await FailsAsync(
            worker,
            [.. storage, "--appbinding=db", "--backup-cmd=pg_basebackup"],
            "only pg_dump and pg_dumpall"
        );
        await FailsAsync(worker, [.. storage, "--appbinding=missing"], "AppBinding demo/missing does not exist");
        await FailsAsync(worker, [.. storage, "--appbinding=wrong"], "refused the password of user \"postgres\"");
        await FailsAsync(
            worker,
            [.. storage, "--appbinding=db", "--backup-cmd=pg_dump", "--pg-args=--dbname=nowhere"],
            "has no database \"nowhere\""
        );
        await FailsAsync(worker, [.. storage, "--appbinding=db", "--pg-args=--no-such-option"], "no-such-option");
        await FailsAsync(worker, [.. nowhere, "--appbinding=db"], "Secret demo/nowhere does not exist");
        await FailsAsync(worker, ["--provider=ftp", .. storage[1..], "--appbinding=db"], "provider 'ftp' is not known");
        await worker.CreateSecretAsync("other-storage", ("RESTIC_PASSWORD", "another-password"));
        await FailsAsync(
            worker,
            [.. storage[..2], "--storage-secret-name=other-storage", "--appbinding=db"],
            "wrong password"
        );
        await server.StopAsync(Token);
        await FailsAsync(
            worker,
            [.. storage, "--appbinding=db", "--wait-timeout=1"],
            "did not become ready within 1 s"
        );

        Assert.DoesNotContain("not-the-password", worker.Log, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(worker.Folder["repo"], "snapshots")));
    }

    [Fact]
    public async Task A_snapshot_that_does_not_prove_good_is_taken_back()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var worker = await WorkerHarness.StartAsync();
        await worker.BindAsync("db", server);
        var storage = await worker.PrepareLocalAsync("db");
        await BackupAsync(worker, storage);
        var kept = Assert.Single(Directory.EnumerateFiles(Path.Combine(worker.Folder["repo"], "snapshots")));
        await server.ExecuteAsync("CREATE TABLE fresh AS SELECT 1 AS v", cancellationToken: Token);
        worker.Provider = settings => new LosingStore(
            LocalBackend.Create(new LocalOptions { Path = settings.Location.Bucket }, TimeProvider.System)
        );

        await BackupAsync(worker, storage);

        var host = await worker.HostAsync("out");
        Assert.Equal(HostPhase.Failed, host.Phase);
        Assert.Contains("it is not in the store", host.Error, StringComparison.Ordinal);
        Assert.Equal(kept, Assert.Single(Directory.EnumerateFiles(Path.Combine(worker.Folder["repo"], "snapshots"))));
        Assert.Contains("is taken back", worker.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_reported_and_the_repository_is_left_alone()
    {
        await using var worker = await WorkerHarness.StartAsync();
        var storage = await worker.PrepareLocalAsync("db");
        await worker.CreateSessionAsync("nightly-1", "db");
        await BackupAsync(worker, [.. storage, "--appbinding=missing"]);

        var exitCode = await worker.RunAsync([
            "update-status",
            .. storage,
            "--namespace=demo",
            "--backupsession=nightly-1",
            "--invoker-kind=BackupConfiguration",
            "--invoker-name=nightly",
            "--target-kind=AppBinding",
            "--target-name=db",
            $"--output-dir={worker.Folder["out"]}",
            "--metrics-enabled=true",
            "--metrics-pushgateway-url=http://127.0.0.1:9",
        ]);

        var session = await worker.ReadAsync<BackupSession>("nightly-1");
        var stats = Assert.Single(Assert.Single(session.Status.Targets).Stats);
        Assert.Equal((0, HostPhase.Failed), (exitCode, stats.Phase));
        Assert.Contains("AppBinding demo/missing does not exist", stats.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(session.Status.Conditions, condition =>
            condition.Type == ConditionTypes.RetentionPolicyApplied
        );
        Assert.Contains("Metrics were not pushed", worker.Log, StringComparison.Ordinal);
        var events = await worker.Kubernetes.CoreV1.ListNamespacedEventAsync("demo", cancellationToken: Token);
        Assert.Equal(("Warning", "Host Backup Failed"), Assert.Single(events.Items.Select(e => (e.Type, e.Reason))));
    }

    [Fact]
    public async Task A_step_that_left_nothing_counts_as_failed()
    {
        await using var worker = await WorkerHarness.StartAsync();
        var storage = await worker.PrepareLocalAsync("db");
        await worker.CreateSessionAsync("nightly-1", "db");

        await worker.RunAsync([
            "update-status",
            .. storage,
            "--backupsession=nightly-1",
            "--invoker-kind=BackupConfiguration",
            "--invoker-name=nightly",
            "--target-kind=AppBinding",
            "--target-name=db",
            $"--output-dir={worker.Folder["nothing"]}",
        ]);

        var stats = Assert.Single((await worker.ReadAsync<BackupSession>("nightly-1")).Status.Targets[0].Stats);
        Assert.Equal((HostPhase.Failed, "host-0"), (stats.Phase, stats.Hostname));
        Assert.Contains("wrote no result", stats.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_that_cannot_be_written_fails_the_step()
    {
        await using var worker = await WorkerHarness.StartAsync();

        Assert.Equal(
            1,
            await worker.RunAsync(
                "update-status",
                "--backupsession=gone",
                "--target-kind=AppBinding",
                "--target-name=db",
                $"--output-dir={worker.Folder["nothing"]}"
            )
        );
        Assert.Contains("BackupSession demo/gone does not exist", worker.Log, StringComparison.Ordinal);
    }

    private static async Task FailsAsync(WorkerHarness worker, string[] flags, string expected)
    {
        await BackupAsync(worker, flags);

        var host = await worker.HostAsync("out");
        Assert.Equal(HostPhase.Failed, host.Phase);
        Assert.Contains(expected, host.Error, StringComparison.Ordinal);
    }

    private static async Task BackupAsync(WorkerHarness worker, params string[] flags) =>
        Assert.Equal(
            0,
            await worker.RunAsync([
                "backup-pg",
                .. flags.Any(flag => flag.StartsWith("--appbinding=", StringComparison.Ordinal))
                    ? []
                    : (string[])["--appbinding=db"],
                "--namespace=demo",
                $"--scratch-dir={worker.Folder["scratch"]}",
                $"--output-dir={worker.Folder["out"]}",
                .. flags,
            ])
        );

    private static async Task BackupAsync(WorkerHarness worker, string[] storage, string flag) =>
        await BackupAsync(worker, [.. storage, flag]);

    private static Process? Dumps(PostgresServer server) =>
        Process
            .GetProcessesByName("pg_dump")
            .FirstOrDefault(process =>
                File.ReadAllText($"/proc/{process.Id}/cmdline")
                    .Contains($"--port={server.Port}", StringComparison.Ordinal)
            );

    private static int Kill(int id)
    {
        using var kill = Process.Start("kill", ["-9", $"{id}"]);
        kill.WaitForExit();
        return kill.ExitCode;
    }

    /// <summary>Says that it has stored packs, and has not.</summary>
    private sealed class LosingStore(IBackend inner) : DelegatingBackend(inner)
    {
        public override Task SaveAsync(
            FileHandle handle,
            Stream content,
            SaveMode mode,
            CancellationToken cancellationToken
        ) =>
            handle.Kind == FileKind.Pack
                ? Task.CompletedTask
                : base.SaveAsync(handle, content, mode, cancellationToken);
    }
}
