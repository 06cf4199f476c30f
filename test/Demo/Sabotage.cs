using Amazon.S3;
using Amazon.S3.Model;
using Granary.EndToEnd;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Demo;

/// <summary>Breaks one thing on purpose, as life does.</summary>
internal static class Sabotage
{
    private const long HalfWay = 20_000_000;

    /// <summary>Flips a byte in the middle of the bucket's largest pack; answers its key.</summary>
    public static async Task<string> FlipPackAsync(Stage stage, CancellationToken cancellationToken)
    {
        using AmazonS3Client client = stage.S3.CreateClient();
        ListObjectsV2Response list = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = StageNames.Bucket }, cancellationToken);
        string key = list.S3Objects.Where(entry => entry.Key.Contains("/data/", StringComparison.Ordinal)).MaxBy(entry => entry.Size)?.Key
            ?? throw new DemoFailedException("there is no pack in the bucket");
        using GetObjectResponse answer = await client.GetObjectAsync(StageNames.Bucket, key, cancellationToken);
        using var bytes = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(bytes, cancellationToken);
        bytes.GetBuffer()[bytes.Length / 2] ^= 0x10;
        bytes.Position = 0;
        await client.PutObjectAsync(new PutObjectRequest { BucketName = StageNames.Bucket, Key = key, InputStream = bytes, AutoCloseStream = false }, cancellationToken);
        return key;
    }

    /// <summary>Takes the right to write BackupSession statuses away from backup Jobs.</summary>
    public static async Task DropStatusRuleAsync(Kubectl kubectl)
    {
        System.Text.Json.Nodes.JsonNode role = await kubectl.GetAsync("clusterrole", "stash-backup-job", "default")
            ?? throw new DemoFailedException("there is no ClusterRole stash-backup-job");
        foreach (System.Text.Json.Nodes.JsonNode? rule in role["rules"]!.AsArray())
        {
            if (rule!["resources"]?.AsArray() is { } resources)
            {
                foreach (System.Text.Json.Nodes.JsonNode? status in resources.Where(resource => (string?)resource is "backupsessions/status" or "*").ToArray())
                {
                    resources.Remove(status);
                }
            }
        }

        role["metadata"]!.AsObject().Remove("managedFields");
        CommandResult replaced = await kubectl.TryAsync(["replace", "-f", "-"], role.ToJsonString());
        replaced.Succeeded();
    }

    /// <summary>Kills the dump program once it runs.</summary>
    public static async Task KillDumpAsync(Narrator narrator)
    {
        int? dump = null;
        await Eventually.TrueAsync(
            "pg_dump to run",
            () => Task.FromResult((dump = Signals.Find("pg_dump", $"sample-postgres.{Samples.Namespace}")) is not null),
            TimeSpan.FromSeconds(60));
        Signals.Send(dump!.Value, Signals.Kill);
        narrator.Say($"on purpose: killed pg_dump (process {dump})");
    }

    /// <summary>Takes the S3 server away once some of the dump has gone through, and brings it back when the session has had time to fail.</summary>
    public static async Task StopStorageAsync(Stage stage, Narrator narrator)
    {
        long before = stage.StorageLine.Uploaded;
        await Eventually.TrueAsync("the upload to be under way", () => Task.FromResult(stage.StorageLine.Uploaded - before > HalfWay), TimeSpan.FromSeconds(120));
        stage.StorageLine.Cut();
        narrator.Say("on purpose: the S3 server is gone");
    }
}
