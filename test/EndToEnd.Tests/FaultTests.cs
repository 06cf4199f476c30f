using System.Text.Json.Nodes;
using Granary.TestSupport;

namespace Granary.EndToEnd.Tests;

public sealed class FaultTests(StageFixture fixture) : StageTest(fixture)
{
    private const string ImpatientStorage =
        "  runtimeSettings: {container: {env: [{name: GRANARY_STORAGE_RETRY_TIMEOUT, value: 15s}]}}";

    [Fact]
    public async Task A_flipped_byte_in_a_pack_fails_the_restore_and_names_the_pack()
    {
        Manifests yaml = await NamespaceAsync("e2e-flip");
        await PrepareAsync(yaml);
        await AssertPhaseAsync("Succeeded", await BackUpAsync(yaml, "first"));
        string key = await Sabotage.FlipPackAsync(
            Stage,
            $"{yaml.Namespace}/data/",
            TestContext.Current.CancellationToken
        );
        string pack = key[(key.LastIndexOf('/') + 1)..];
        await EmptyTargetAsync();

        JsonNode restore = await RestoreAsync(yaml, "restore");

        await AssertPhaseAsync("Failed", restore);
        Assert.Contains(pack[..8], Sessions.Reason(restore), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_may_not_write_the_status_fails_its_session()
    {
        Manifests yaml = await NamespaceAsync("e2e-rbac");
        await PrepareAsync(yaml);
        JsonNode role = await Sabotage.DropStatusRuleAsync(Kubectl);
        JsonNode session;
        try
        {
            session = await BackUpAsync(yaml, "first");
        }
        finally
        {
            await Sabotage.PutRoleBackAsync(Kubectl, role);
        }

        await AssertPhaseAsync("Failed", session);
        Assert.NotEmpty(Sessions.Reason(session));
    }

    [Fact]
    public async Task A_dump_that_is_killed_half_way_leaves_no_snapshot()
    {
        Manifests yaml = await NamespaceAsync("e2e-kill");
        await PrepareAsync(yaml);
        await using (await HoldLockAsync())
        {
            await Kubectl.ApplyAsync(yaml.Session("first"));

            // The one that dumps another database may be over at the very moment.
            await Eventually.TrueAsync(
                "the dump to wait for the table",
                IsLockWaitedForAsync,
                Patience,
                TestContext.Current.CancellationToken
            );
            await Sabotage.KillDumpAsync(yaml.Namespace, TestContext.Current.CancellationToken);
        }

        JsonNode session = await Sessions.EndAsync(Kubectl, "backupsession", yaml.Namespace, "first", Patience);

        await AssertPhaseAsync("Failed", session);
        Assert.Contains("pg_dump", Sessions.Reason(session), StringComparison.Ordinal);
        Assert.Empty(await SnapshotsAsync(yaml));
    }

    [Fact]
    public async Task Storage_that_goes_away_fails_the_session_with_the_reason_and_the_next_session_succeeds()
    {
        Manifests yaml = await NamespaceAsync("e2e-storage");
        await PrepareAsync(yaml, extra: ImpatientStorage);
        await Kubectl.ApplyAsync(yaml.Session("first"));
        await Sabotage.StopStorageAsync(Stage, bytes: 0, TestContext.Current.CancellationToken);
        JsonNode session;
        try
        {
            session = await Sessions.EndAsync(Kubectl, "backupsession", yaml.Namespace, "first", Patience);
        }
        finally
        {
            Stage.StorageLine.Mend();
        }

        await AssertPhaseAsync("Failed", session);
        Assert.Contains("s3.storage.svc", Sessions.Reason(session), StringComparison.Ordinal);
        Assert.Empty(await SnapshotsAsync(yaml));

        await AssertPhaseAsync("Succeeded", await BackUpAsync(yaml, "second"));
    }

    [Fact]
    public async Task A_wrong_database_password_fails_the_session_and_says_so_without_showing_it()
    {
        Manifests yaml = await NamespaceAsync("e2e-password");
        await PrepareAsync(yaml);
        await Kubectl.ApplyAsync(yaml.Database("sample-postgres", "certainly-wrong-secret"));

        JsonNode session = await BackUpAsync(yaml, "first");

        await AssertPhaseAsync("Failed", session);
        Assert.Contains("password", Sessions.Reason(session), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("certainly-wrong-secret", session.ToJsonString(), StringComparison.Ordinal);
        CommandResult logs = await Kubectl.TryAsync([
            "logs",
            "-n",
            yaml.Namespace,
            "-l",
            "app.kubernetes.io/component=stash-backup",
            "--all-containers",
            "--tail=-1",
        ]);
        Assert.DoesNotContain("certainly-wrong-secret", logs.Output, StringComparison.Ordinal);
    }

    private async Task<bool> IsLockWaitedForAsync() =>
        await Stage.Source.QueryAsync(
            "SELECT count(*) FROM pg_locks WHERE NOT granted",
            cancellationToken: TestContext.Current.CancellationToken
        )
            is not ["0"];

    private async Task<IAsyncDisposable> HoldLockAsync()
    {
        // A table that is locked keeps the dump waiting, so that it can be killed for certain while it runs.
        var connection = new Npgsql.NpgsqlConnection(Stage.Source.ConnectionString("shop"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new Npgsql.NpgsqlCommand(
            "BEGIN; LOCK TABLE shop.blob_store IN ACCESS EXCLUSIVE MODE",
            connection
        );
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
