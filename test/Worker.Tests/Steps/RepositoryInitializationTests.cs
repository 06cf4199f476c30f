using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.Worker.Reporting;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Steps;

/// <summary>Several targets of one session, of which one makes the repository. Source: stash-behaviour §2.5.</summary>
public sealed class RepositoryInitializationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_target_that_is_not_to_make_the_repository_waits_for_the_one_that_is()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var worker = await WorkerHarness.StartAsync();
        await worker.BindAsync("first", server);
        await worker.BindAsync("second", server);
        var storage = await worker.PrepareLocalAsync("first");
        await worker.CreateSessionAsync("nightly-1", "first", "second");

        var second = BackupAsync(worker, storage, "second", "host-2");
        await Eventually.TrueAsync(
            "the second one to be waiting",
            () => Task.FromResult(worker.Log.Contains("3038", StringComparison.Ordinal)),
            cancellationToken: Token
        );
        Assert.False(Directory.Exists(worker.Folder["repo"]));
        Assert.Equal(0, await BackupAsync(worker, storage, "first", "host-1"));
        Assert.Equal(0, await second);

        Assert.Equal(HostPhase.Succeeded, (await worker.HostAsync("out-second")).Phase);
        Assert.Equal(2, Directory.EnumerateFiles(Path.Combine(worker.Folder["repo"], "snapshots")).Count());
        Assert.True(
            (await worker.ReadAsync<BackupSession>("nightly-1")).Status.Conditions.IsTrue(
                ConditionTypes.BackendRepositoryInitialized
            )
        );
    }

    [Fact]
    public async Task A_repository_that_cannot_be_made_fails_every_target_with_the_reason()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var worker = await WorkerHarness.StartAsync();
        await worker.BindAsync("first", server);
        await worker.BindAsync("second", server);
        var storage = await worker.PrepareLocalAsync("first");
        await worker.CreateSessionAsync("nightly-1", "first", "second");
        worker.Environment["RESTIC_REPOSITORY"] = worker.Folder["repo"];
        worker.Environment["RESTIC_PASSWORD"] = "password-of-somebody-else";
        Assert.Equal(0, await worker.RunAsync("init"));

        await BackupAsync(worker, storage, "first", "host-1");
        await BackupAsync(worker, storage, "second", "host-2");

        var condition = (await worker.ReadAsync<BackupSession>("nightly-1")).Status.Conditions.Find(
            ConditionTypes.BackendRepositoryInitialized
        )!;
        var first = await worker.HostAsync("out-first");
        var second = await worker.HostAsync("out-second");
        Assert.Equal(
            ("False", ConditionReasons.FailedToInitializeBackendRepository),
            (condition.Status, condition.Reason)
        );
        Assert.Equal((HostPhase.Failed, condition.Message), (first.Phase, first.Error));
        Assert.Contains(condition.Message!, second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_made_by_hand_waits_for_nobody()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var worker = await WorkerHarness.StartAsync();
        await worker.BindAsync("db", server);
        var storage = await worker.PrepareLocalAsync("db");
        await worker.CreateAsync(
            new BackupSession
            {
                Metadata = new() { Name = "nightly-1" },
                Spec = new BackupSessionSpec
                {
                    Invoker = new InvokerRef { Kind = Kinds.BackupConfiguration, Name = "nightly" },
                },
            }
        );

        Assert.Equal(0, await BackupAsync(worker, storage, "db", "host-0"));
        Assert.Equal(HostPhase.Succeeded, (await worker.HostAsync("out-db")).Phase);
    }

    private static Task<int> BackupAsync(WorkerHarness worker, string[] storage, string appBinding, string hostname) =>
        worker.RunAsync([
            "backup-pg",
            .. storage,
            "--namespace=demo",
            $"--appbinding={appBinding}",
            $"--hostname={hostname}",
            "--backupsession=nightly-1",
            "--backup-cmd=pg_dump",
            "--pg-args=postgres",
            $"--scratch-dir={worker.Folder["scratch"]}",
            $"--output-dir={worker.Folder[$"out-{appBinding}"]}",
        ]);
}
