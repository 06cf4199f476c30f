using Granary.Storage.Contract;
using Granary.Storage.S3;
using Granary.TestSupport.StandIns;

namespace Granary.Storage.Tests.S3;

/// <summary>What users set for a bucket reaches the store.</summary>
public sealed class S3OptionTests(MotoFixture moto) : IClassFixture<MotoFixture>
{
    private const string Key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1000)]
    [InlineData(7 << 20)]
    public async Task An_archive_class_is_given_to_packs_only_and_the_kms_key_to_everything(int length)
    {
        await using var backend = Open(moto.Server.Url, options =>
            options with
            {
                StorageClass = "DEEP_ARCHIVE",
                ServerSideEncryption = "aws:kms",
                KmsKeyId = Key,
                MultipartThreshold = ByteSize.FromMebibytes(6),
                PartSize = ByteSize.FromMebibytes(5),
            }
        );
        await backend.PrepareAsync(Cancel);
        var (pack, index) = (
            StoredFile.Of(FileKind.Pack, length, $"{length}"),
            StoredFile.Of(FileKind.Index, length, $"{length}")
        );

        await pack.SaveToAsync(backend, Cancel);
        await index.SaveToAsync(backend, Cancel);

        using var client = moto.Server.CreateClient();
        var storedPack = await client.GetObjectMetadataAsync(
            "options",
            $"shop/data/{pack.Handle.Name[..2]}/{pack.Handle.Name}",
            Cancel
        );
        var storedIndex = await client.GetObjectMetadataAsync("options", $"shop/index/{index.Handle.Name}", Cancel);
        Assert.Equal("DEEP_ARCHIVE", storedPack.StorageClass?.Value);
        Assert.Null(storedIndex.StorageClass?.Value);
        Assert.All([storedPack, storedIndex], stored =>
            Assert.Equal(
                ("aws:kms", Key),
                (stored.ServerSideEncryptionMethod?.Value, stored.ServerSideEncryptionKeyManagementServiceKeyId)
            )
        );
        Assert.Equal(index.Bytes, await backend.ReadAllAsync(index.Handle, Cancel));
    }

    [Fact]
    public async Task A_class_that_can_be_read_at_once_is_given_to_everything()
    {
        await using var backend = Open(moto.Server.Url, options => options with { StorageClass = "STANDARD_IA" });
        await backend.PrepareAsync(Cancel);
        var index = StoredFile.Of(FileKind.Index, 10, "infrequent");

        await index.SaveToAsync(backend, Cancel);

        using var client = moto.Server.CreateClient();
        Assert.Equal(
            "STANDARD_IA",
            (await client.GetObjectMetadataAsync("options", $"shop/index/{index.Handle.Name}", Cancel))
                .StorageClass
                ?.Value
        );
    }

    [Fact]
    public async Task A_sessions_token_goes_into_each_request_and_is_signed()
    {
        var requests = new List<(string Token, string Authorization)>();
        await using var relay = await RelayServer.StartAsync(
            moto.Server.Url,
            context =>
            {
                requests.Add(
                    (
                        context.Request.Headers["X-Amz-Security-Token"].ToString(),
                        context.Request.Headers.Authorization.ToString()
                    )
                );
                return Task.FromResult(false);
            },
            Cancel
        );
        await using var backend = Open(relay.Url, options =>
            options with
            {
                SessionToken = new Secret("the-sessions-token"),
            }
        );
        await backend.PrepareAsync(Cancel);
        var file = StoredFile.Of(FileKind.Key, 100, "session");

        await file.SaveToAsync(backend, Cancel);

        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Cancel));
        Assert.All(requests, request => Assert.Equal("the-sessions-token", request.Token));
        Assert.All(requests, request =>
            Assert.Contains("x-amz-security-token", request.Authorization, StringComparison.Ordinal)
        );
    }

    private S3Backend Open(string url, Func<S3Options, S3Options> change) =>
        S3Backend.Create(
            change(
                new S3Options
                {
                    Endpoint = url,
                    Bucket = "options",
                    Prefix = "shop",
                    AccessKeyId = new Secret(moto.Server.AccessKey),
                    SecretAccessKey = new Secret(moto.Server.SecretKey),
                }
            ),
            TimeProvider.System
        );
}
