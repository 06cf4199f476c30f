using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.EndToEnd.Tests;

public sealed class FaultTests(StageFixture fixture) : StageTest(fixture)
{
    private const string ImpatientStorage = "  runtimeSettings: {container: {env: [{name: GRANARY_STORAGE_RETRY_TIMEOUT, value: 15s}]}}";

    [Fact]
    public async Task A_flipped_byte_in_a_pack_fails_the_restore_and_names_the_pack()
    {
        Manifests yaml = await NamespaceAsync("e2e-flip");
        await PrepareAsync(yaml);
        await AssertPhaseAsync("Succeeded", await BackUpAsync(yaml, "first"));
        string pack = await FlipLargestPackAsync(yaml.Namespace);
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
        JsonNode role = (await Kubectl.GetAsync("clusterrole", "stash-backup-job", "default"))!;
        role["metadata"]!.AsObject().Remove("managedFields");
        role["metadata"]!.AsObject().Remove("resourceVersion");
        JsonNode poorer = role.DeepClone();
        foreach (JsonNode? rule in poorer["rules"]!.AsArray())
        {
            JsonArray resources = rule!["resources"]!.AsArray();
            foreach (JsonNode? status in resources.Where(resource => (string?)resource == "backupsessions/status").ToArray())
            {
                resources.Remove(status);
                resources.Add("nothing");
            }
        }

        (await Kubectl.TryAsync(["replace", "-f", "-"], poorer.ToJsonString())).Succeeded();
        JsonNode session;
        try
        {
            session = await BackUpAsync(yaml, "first");
        }
        finally
        {
            (await Kubectl.TryAsync(["replace", "-f", "-"], role.ToJsonString())).Succeeded();
        }

        await AssertPhaseAsync("Failed", session);
        Assert.NotEmpty(Sessions.Reason(session));
    }

    [Fact]
    public async Task A_dump_that_is_killed_half_way_leaves_no_snapshot()
    {
        Manifests yaml = await NamespaceAsync("e2e-kill");
        await PrepareAsync(yaml);
        await Kubectl.ApplyAsync(yaml.Session("first"));
        await using (await HoldLockAsync())
        {
            int? dump = null;
            await Eventually.TrueAsync(
                "pg_dump to run",
                () => Task.FromResult((dump = Signals.Find("pg_dump", $"sample-postgres.{yaml.Namespace}")) is not null),
                TimeSpan.FromSeconds(60));
            Signals.Send(dump!.Value, Signals.Kill);
        }

        JsonNode session = await Sessions.EndAsync(Kubectl, "backupsession", yaml.Namespace, "first", TimeSpan.FromMinutes(2));

        await AssertPhaseAsync("Failed", session);
        Assert.Contains("pg_dump", Sessions.Reason(session), StringComparison.Ordinal);
        Assert.Empty(await SnapshotsAsync(yaml));
    }

    [Fact]
    public async Task Storage_that_goes_away_fails_the_session_with_the_reason_and_the_next_session_succeeds()
    {
        Manifests yaml = await NamespaceAsync("e2e-storage");
        await PrepareAsync(yaml, extra: ImpatientStorage);
        long before = Stage.StorageLine.Uploaded;
        await Kubectl.ApplyAsync(yaml.Session("first"));
        await Eventually.TrueAsync(
            "the upload to be under way", () => Task.FromResult(Stage.StorageLine.Uploaded > before), TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Stage.StorageLine.Cut();
        JsonNode session;
        try
        {
            session = await Sessions.EndAsync(Kubectl, "backupsession", yaml.Namespace, "first", TimeSpan.FromMinutes(3));
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
        CommandResult logs = await Kubectl.TryAsync(["logs", "-n", yaml.Namespace, "-l", "app.kubernetes.io/component=stash-backup", "--all-containers", "--tail=-1"]);
        Assert.DoesNotContain("certainly-wrong-secret", logs.Output, StringComparison.Ordinal);
    }

    private async Task<IAsyncDisposable> HoldLockAsync()
    {
        // A table that is locked keeps the dump waiting, so that it can be killed for certain while it runs.
        var connection = new Npgsql.NpgsqlConnection(Stage.Source.ConnectionString("shop"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new Npgsql.NpgsqlCommand("BEGIN; LOCK TABLE shop.blob_store IN ACCESS EXCLUSIVE MODE", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private async Task<string> FlipLargestPackAsync(string prefix)
    {
        using AmazonS3Client client = Stage.S3.CreateClient();
        ListObjectsV2Response list = await client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = StageNames.Bucket, Prefix = $"{prefix}/data/" }, TestContext.Current.CancellationToken);
        string key = list.S3Objects.MaxBy(entry => entry.Size)!.Key;
        using GetObjectResponse answer = await client.GetObjectAsync(StageNames.Bucket, key, TestContext.Current.CancellationToken);
        using var bytes = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        bytes.GetBuffer()[bytes.Length / 2] ^= 0x10;
        bytes.Position = 0;
        await client.PutObjectAsync(
            new PutObjectRequest { BucketName = StageNames.Bucket, Key = key, InputStream = bytes, AutoCloseStream = false }, TestContext.Current.CancellationToken);
        return key[(key.LastIndexOf('/') + 1)..];
    }
}
