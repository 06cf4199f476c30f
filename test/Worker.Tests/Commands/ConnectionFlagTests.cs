using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Commands;

/// <summary>The flags and variables that say how a store is reached, seen from the store.</summary>
public sealed class ConnectionFlagTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task S3_is_told_region_storage_class_and_encryption()
    {
        await using var server = await MotoServer.StartAsync(cancellationToken: Token);
        using var worker = new HandyWorker($"s3:{server.Url}/backups/shop");
        worker.Variables["AWS_ACCESS_KEY_ID"] = server.AccessKey;
        worker.Variables["AWS_SECRET_ACCESS_KEY"] = server.SecretKey;
        string[] settings =
        [
            "-o",
            "s3.storage-class=STANDARD_IA",
            "-o",
            "s3.bucket-lookup=path",
            "-o",
            "s3.region=eu-west-1",
            "-o",
            "s3.server-side-encryption=aws:kms",
            "-o",
            "s3.kms-key-id=the-key-of-the-shop",
        ];

        (await worker.RunAsync(["init", .. settings])).Succeeded();

        using var client = server.CreateClient();
        var config = await client.GetObjectMetadataAsync("backups", "shop/config", Token);
        Assert.Equal("STANDARD_IA", config.StorageClass?.Value);
        Assert.Equal("aws:kms", config.ServerSideEncryptionMethod?.Value);
        Assert.Equal("the-key-of-the-shop", config.ServerSideEncryptionKeyManagementServiceKeyId);
        Assert.Equal("eu-west-1", (await client.GetBucketLocationAsync("backups", Token)).Location?.Value);
    }

    [Fact]
    public async Task A_certificate_of_ones_own_is_trusted_by_file_by_its_text_or_not_looked_at()
    {
        Directory.CreateDirectory(_folder["served"]);
        var certificates = new TestCertificates(_folder.Path);
        await using var server = await RestServer.StartAsync(
            _folder["served"],
            ("backup", "secret"),
            appendOnly: false,
            certificates.Issue("rest", "127.0.0.1"),
            Token
        );
        using var worker = new HandyWorker($"rest:{server.Url}shop/");
        worker.Variables["REST_SERVER_USERNAME"] = "backup";
        worker.Variables["REST_SERVER_PASSWORD"] = "secret";

        var trusting = await worker.RunAsync("init", "--cacert", certificates.CaFile);
        var blind = await worker.RunAsync("snapshots", "--insecure-tls");
        var strict = await worker.RunAsync("snapshots");
        worker.Variables["CA_CERT_DATA"] = certificates.CaPem;
        var told = await worker.RunAsync("snapshots");

        trusting.Succeeded();
        blind.Succeeded();
        told.Succeeded();
        Assert.Equal(ExitCodes.Failed, strict.ExitCode);
        Assert.Contains("certificate", strict.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("again", strict.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restics_names_of_a_rest_servers_user_are_taken_too()
    {
        Directory.CreateDirectory(_folder["served"]);
        await using var server = await RestServer.StartAsync(
            _folder["served"],
            ("backup", "secret"),
            cancellationToken: Token
        );
        using var worker = new HandyWorker($"rest:{server.Url}shop/");

        var stranger = await worker.RunAsync("init");
        worker.Variables["RESTIC_REST_USERNAME"] = "backup";
        worker.Variables["RESTIC_REST_PASSWORD"] = "secret";

        Assert.Equal(ExitCodes.Failed, stranger.ExitCode);
        (await worker.RunAsync("init")).Succeeded();
    }

    [Fact]
    public async Task The_pack_size_may_stand_in_a_variable()
    {
        using var worker = new HandyWorker();
        await worker.JsonAsync("init");
        worker.Variables["RESTIC_PACK_SIZE"] = "4";
        await worker.BackupAsync(SeededBytes.Random("packs", 24_000_000));

        // Packs close once they are 4 MiB, with up to 8 MiB of the last chunk on top; the default's are 16 MiB.
        Assert.InRange((await worker.ListAsync("packs")).Count, 3, 7);
    }
}
