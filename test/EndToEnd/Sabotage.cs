using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.EndToEnd;

/// <summary>Breaks one thing on purpose, as life does.</summary>
public static class Sabotage
{
    private const string JobRole = "stash-backup-job";

    /// <summary>
    /// Flips a byte in the middle of the largest pack of the bucket, or of the repository under a prefix.
    /// </summary>
    /// <returns>The pack's key in the bucket; its last part is the pack's name.</returns>
    public static async Task<string> FlipPackAsync(
        Stage stage,
        string prefix = "",
        CancellationToken cancellationToken = default
    )
    {
        using AmazonS3Client client = stage.S3.CreateClient();
        ListObjectsV2Response list = await client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = StageNames.Bucket, Prefix = prefix },
            cancellationToken
        );
        string key = list.S3Objects.Where(entry => entry.Key.Contains("/data/", StringComparison.Ordinal))
            .MaxBy(entry => entry.Size)
            ?.Key
            ?? throw new InvalidOperationException($"There is no pack in the bucket under '{prefix}'.");
        using GetObjectResponse answer = await client.GetObjectAsync(StageNames.Bucket, key, cancellationToken);
        using var bytes = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(bytes, cancellationToken);
        bytes.GetBuffer()[bytes.Length / 2] ^= 0x10;
        bytes.Position = 0;
        await client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = StageNames.Bucket,
                Key = key,
                InputStream = bytes,
                AutoCloseStream = false,
            },
            cancellationToken
        );
        return key;
    }

    /// <summary>Takes the right to write BackupSession statuses away from backup Jobs.</summary>
    /// <returns>The role as it was, for <see cref="PutRoleBackAsync"/>.</returns>
    public static async Task<JsonNode> DropStatusRuleAsync(Kubectl kubectl)
    {
        JsonNode role = await kubectl.GetAsync("clusterrole", JobRole, "default")
            ?? throw new InvalidOperationException($"There is no ClusterRole {JobRole}.");
        role["metadata"]!.AsObject().Remove("managedFields");
        role["metadata"]!.AsObject().Remove("resourceVersion");
        JsonNode poorer = role.DeepClone();
        foreach (
            JsonArray resources in poorer["rules"]!.AsArray().Select(rule => rule!["resources"]).OfType<JsonArray>()
        )
        {
            foreach (
                JsonNode? status in resources
                    .Where(resource => (string?)resource is "backupsessions/status" or "*")
                    .ToArray()
            )
            {
                resources.Remove(status);
                resources.Add("nothing"); // A rule must name something.
            }
        }

        await ReplaceAsync(kubectl, poorer);
        return role;
    }

    /// <summary>Gives backup Jobs their rights back.</summary>
    public static Task PutRoleBackAsync(Kubectl kubectl, JsonNode role) => ReplaceAsync(kubectl, role);

    /// <summary>Kills the dump program of a namespace's backup once it runs; answers its process id.</summary>
    public static async Task<int> KillDumpAsync(string @namespace, CancellationToken cancellationToken = default)
    {
        // A cluster that was there before runs its Pods under somebody else.
        bool anybodys = new StageOptions().ExistingCluster;
        int? dump = null;
        await Eventually.TrueAsync(
            "pg_dump to run",
            () =>
                Task.FromResult(
                    (dump = Signals.Find("pg_dump", $"sample-postgres.{@namespace}", anybodys)) is not null
                ),
            TimeSpan.FromMinutes(2),
            cancellationToken
        );
        Signals.Send(dump!.Value, Signals.Kill);
        return dump.Value;
    }

    /// <summary>
    /// Takes the S3 server away once more than so many bytes of a backup have gone through. <c>StorageLine.Mend</c>
    /// brings it back.
    /// </summary>
    public static async Task StopStorageAsync(Stage stage, long bytes, CancellationToken cancellationToken = default)
    {
        long before = stage.StorageLine.Uploaded;
        await Eventually.TrueAsync(
            "the upload to be under way",
            () => Task.FromResult(stage.StorageLine.Uploaded - before > bytes),
            TimeSpan.FromMinutes(3),
            cancellationToken
        );
        stage.StorageLine.Cut();
    }

    private static async Task ReplaceAsync(Kubectl kubectl, JsonNode role) =>
        (await kubectl.TryAsync(["replace", "-f", "-"], role.ToJsonString())).Succeeded();
}
