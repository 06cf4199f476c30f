using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.Worker.Tests.Support;
using RepositoryResource = Granary.Api.Stash.V1Alpha1.Repository;

namespace Granary.Worker.Tests.Steps;

/// <summary>What the last step does with the repository, session after session.</summary>
public sealed class RetentionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_snapshots_go_with_their_data_and_damage_is_noticed()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var worker = await WorkerHarness.StartAsync();
        await worker.BindAsync("db", server);
        var storage = await worker.PrepareLocalAsync("db"); // keeps the last 2

        for (var i = 1; i <= 3; i++)
        {
            await server.ExecuteAsync(
                $"DROP TABLE IF EXISTS t; CREATE TABLE t AS SELECT md5((i * {i})::text) FROM generate_series(1, "
                    + "20000) i",
                cancellationToken: Token
            );
            await RunSessionAsync(worker, storage, $"nightly-{i}");
        }

        var third = await worker.ReadAsync<BackupSession>("nightly-3");
        var repository = await worker.ReadAsync<RepositoryResource>("repo");
        Assert.Matches(
            "^2 snapshots kept, 1 removed, .* freed\\.$",
            third.Status.Conditions.Find(ConditionTypes.RetentionPolicyApplied)!.Message
        );
        Assert.Equal(
            (2L, 1L, true),
            (
                repository.Status.SnapshotCount,
                repository.Status.SnapshotsRemovedOnLastCleanup,
                repository.Status.Integrity
            )
        );
        Assert.NotEqual(repository.Status.FirstBackupTime, repository.Status.LastBackupTime);
        Assert.Equal(2, Directory.EnumerateFiles(Path.Combine(worker.Folder["repo"], "snapshots")).Count());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(worker.Folder["repo"], "locks")));

        await worker.SetRetentionAsync(new RetentionPolicy { Name = "none" });
        await RunSessionAsync(worker, storage, "nightly-4");
        File.Delete(
            Directory
                .EnumerateFiles(Path.Combine(worker.Folder["repo"], "data"), "*", SearchOption.AllDirectories)
                .MaxBy(file => new FileInfo(file).Length)!
        );
        await RunSessionAsync(worker, storage, "nightly-5");

        var fourth = (await worker.ReadAsync<BackupSession>("nightly-4")).Status.Conditions;
        var fifth = (await worker.ReadAsync<BackupSession>("nightly-5")).Status.Conditions;
        Assert.Contains(
            "no keep rule",
            fourth.Find(ConditionTypes.RetentionPolicyApplied)!.Message,
            StringComparison.Ordinal
        );
        Assert.True(fifth.IsFalse(ConditionTypes.RepositoryIntegrityVerified));
        // The first action that fails ends the sequence
        Assert.False(fifth.Has(ConditionTypes.RepositoryMetricsPushed));
        Assert.False((await worker.ReadAsync<RepositoryResource>("repo")).Status.Integrity);
    }

    private static async Task RunSessionAsync(WorkerHarness worker, string[] storage, string session)
    {
        // The time of a session is a whole second, and it is its snapshot's: two of one second have no order.
        var second = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await Eventually.TrueAsync(
            "the next second",
            () => Task.FromResult(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > second),
            cancellationToken: Token
        );
        await worker.CreateSessionAsync(session, "db");
        string[] common =
        [
            .. storage,
            "--namespace=demo",
            $"--scratch-dir={worker.Folder["scratch"]}",
            $"--output-dir={worker.Folder["out"]}",
            $"--backupsession={session}",
        ];
        Assert.Equal(
            0,
            await worker.RunAsync([
                "backup-pg",
                .. common,
                "--appbinding=db",
                "--backup-cmd=pg_dump",
                "--pg-args=postgres",
            ])
        );
        Assert.Null((await worker.HostAsync("out")).Error);
        Assert.Equal(
            0,
            await worker.RunAsync([
                "update-status",
                .. common,
                "--invoker-kind=BackupConfiguration",
                "--invoker-name=nightly",
                "--target-kind=AppBinding",
                "--target-name=db",
            ])
        );
    }
}
