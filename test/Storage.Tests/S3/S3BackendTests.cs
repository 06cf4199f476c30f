using Amazon.S3.Model;
using Granary.Storage.Contract;
using Granary.Storage.Http;
using Granary.Storage.S3;
using Granary.TestSupport.Servers;

namespace Granary.Storage.Tests.S3;

/// <summary>The contract on S3 over plain HTTP.</summary>
public sealed class S3BackendTests(MotoFixture moto) : S3ContractTests(moto.Server), IClassFixture<MotoFixture>;

/// <summary>The contract on S3 over TLS, with signatures checked, and with AWS's checksum trailers.</summary>
public sealed class StrictS3BackendTests(StrictMotoFixture moto)
    : S3ContractTests(moto.Server),
        IClassFixture<StrictMotoFixture>
{
    protected override S3Options Options =>
        base.Options with
        {
            ListPageSize = 50,
            ChecksumMode = S3ChecksumMode.Trailer,
            Transport = new TransportOptions { CaCertificate = moto.CaCertificate },
        };

    // Small pages instead of many files; the plain class has the store's own page size.
    protected override int ManyFiles => 120;
}

public abstract class S3ContractTests(MotoServer server) : BackendContractTests
{
    protected string Bucket { get; } = $"test-{Guid.NewGuid():N}";

    protected virtual S3Options Options =>
        new()
        {
            Endpoint = server.Url,
            Bucket = Bucket,
            AccessKeyId = new Secret(server.AccessKey),
            SecretAccessKey = new Secret(server.SecretKey),
            MultipartThreshold = ByteSize.FromMebibytes(6),
            PartSize = ByteSize.FromMebibytes(5),
        };

    // One more than a page.
    protected override int ManyFiles => 1001;

    protected override IReadOnlyList<string> Credentials => [server.AccessKey, server.SecretKey];

    // moto compares and stores in two steps, on several threads.
    protected override bool CreateOnlyIsAtomic => false;

    protected override IBackend Open(string prefix = "backups/shop") =>
        S3Backend.Create(Options with { Prefix = prefix }, TimeProvider.System);

    [Fact]
    public async Task A_cancelled_upload_in_parts_is_aborted()
    {
        await using var backend = Open();
        await backend.PrepareAsync(Cancel);
        var file = StoredFile.Of(FileKind.Pack, BigLength);
        using var cancellation = new CancellationTokenSource();
        using var content = new CancellingStream(file.Bytes, cancellation);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            backend.SaveAsync(file.Handle, content, SaveMode.CreateOnly, cancellation.Token)
        );

        Assert.Equal(0, await backend.RemoveLeftoversAsync(Cancel));
    }

    [Theory]
    [InlineData("backups/shop")]
    [InlineData("")]
    public async Task Unfinished_uploads_of_the_repository_are_leftovers_and_those_of_others_are_not(string prefix)
    {
        await using var backend = Open(prefix);
        await backend.PrepareAsync(Cancel);
        using var transport = Transport.CreateClient(Options.Transport, "test", TimeProvider.System);
        using var client = S3Client.Create(Options, S3Endpoint.Parse(server.Url), "us-east-1", transport);
        var root = prefix.Length > 0 ? prefix + "/" : "";
        var name = StoredFile.Of(FileKind.Pack, 1).Handle.Name;
        string[] ours = ["config", $"data/{name[..2]}/{name}", $"index/{name}"];
        string[] others =
        [
            "data/00/half",
            $"data/{name}",
            "videos/holiday.mp4",
            "config.bak",
            $"nested/data/{name[..2]}/{name}",
            "nested/config",
        ];
        foreach (var key in ours.Concat(others))
        {
            await client.InitiateMultipartUploadAsync(Bucket, root + key, Cancel);
        }

        Assert.Equal(ours.Length, await backend.RemoveLeftoversAsync(Cancel));
        Assert.Equal(0, await backend.RemoveLeftoversAsync(Cancel));
        var left = await client.ListMultipartUploadsAsync(
            new ListMultipartUploadsRequest { BucketName = Bucket },
            Cancel
        );
        Assert.Equal(
            others.Select(key => root + key).Order(StringComparer.Ordinal),
            left.MultipartUploads.Select(upload => upload.Key).Order(StringComparer.Ordinal)
        );
    }

    protected override async Task AddForeignAsync(string relativePath, byte[] content)
    {
        using var transport = Transport.CreateClient(Options.Transport, "test", TimeProvider.System);
        using var client = S3Client.Create(Options, S3Endpoint.Parse(server.Url), "us-east-1", transport);
        using var stream = new MemoryStream(content);
        await client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = Bucket,
                Key = "backups/shop/" + relativePath,
                InputStream = stream,
            },
            Cancel
        );
    }
}
