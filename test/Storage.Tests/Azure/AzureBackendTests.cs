using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using Granary.Storage.Azure;
using Granary.Storage.Contract;
using Granary.Storage.Decorators;
using Granary.Storage.Http;
using Granary.Storage.Tests.Core;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Microsoft.AspNetCore.Http;

namespace Granary.Storage.Tests.Azure;

/// <summary>The contract on Azure Blob Storage with the account's key.</summary>
public sealed class AzureBackendTests(AzuriteFixture azurite) : BackendContractTests, IClassFixture<AzuriteFixture>
{
    private readonly string _container = $"test-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Pages of a hundred.
    protected override int ManyFiles => 250;

    protected override IReadOnlyList<string> Credentials => [AzuriteServer.Key];

    [Fact]
    public async Task A_wrong_key_is_access_denied()
    {
        await using var backend = Open(options =>
            options with
            {
                AccountKey = new Secret(Convert.ToBase64String(new byte[64])),
            }
        );

        var error = await FailsAsync(StorageError.AccessDenied, () =>
            StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Token)
        );

        Assert.Contains(
            "AuthorizationFailure: Server failed to authenticate the request.",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_key_that_is_not_base64_is_refused_without_showing_it()
    {
        var error = Assert.Throws<StorageException>(() =>
            Open(options => options with { AccountKey = new Secret("hunter2!") })
        );

        Assert.Equal(StorageError.AccessDenied, error.Error);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_container_is_not_found_by_a_save()
    {
        await using var backend = Open(options => options);

        var error = await FailsAsync(StorageError.NotFound, () =>
            StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Token)
        );

        Assert.Contains("ContainerNotFound", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_authority_is_refused_for_good()
    {
        await using var backend = Open(options => options with { Transport = new TransportOptions() });

        await FailsAsync(StorageError.Invalid, () => backend.ReadAllAsync(FileHandle.Config, Token));
    }

    [Fact]
    public async Task A_read_only_signature_reads_and_is_refused_a_save_without_being_shown()
    {
        await using var full = Open(options => options);
        await full.PrepareAsync(Token);
        var file = StoredFile.Of(FileKind.Pack, 100);
        await file.SaveToAsync(full, Token);
        var signature = new BlobSasBuilder(
            BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List,
            DateTimeOffset.UtcNow.AddHours(1)
        )
        {
            BlobContainerName = _container,
            Resource = "c",
        }.ToSasQueryParameters(new StorageSharedKeyCredential(AzuriteServer.Account, AzuriteServer.Key));
        await using var backend = Open(options =>
            options with
            {
                AccountKey = null,
                SasToken = new Secret($"?{signature}"),
            }
        );

        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Token));
        Assert.Single(await ListAsync(backend, FileKind.Pack));
        await backend.PrepareAsync(Token);
        var error = await FailsAsync(StorageError.AccessDenied, () =>
            StoredFile.Of(FileKind.Key, 10).SaveToAsync(backend, Token)
        );

        Assert.DoesNotContain(signature.Signature, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Uri.EscapeDataString(signature.Signature), error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(9 << 20)]
    public async Task A_limit_on_uploads_is_the_rate_that_is_reached(int length)
    {
        var time = new SkippingTime();
        await using var backend = new ThrottledBackend(Open(), ByteSize.FromMebibytes(1), null, time);
        await backend.PrepareAsync(Token);
        var file = StoredFile.Of(FileKind.Pack, length);

        await file.SaveToAsync(backend, Token);

        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Token));
        Assert.InRange(time.Slept.TotalSeconds, (length >> 20) - 0.1, (length >> 20) + 0.1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html/>")]
    [InlineData("{}")]
    public async Task A_listing_answered_with_something_else_is_not_taken_for_an_empty_one(string answer)
    {
        await using var server = await StubServer.StartAsync(context => context.Response.WriteAsync(answer, Token));
        await using var backend = Open(options => options with { Endpoint = $"{server.Url}/account" });

        await Assert.ThrowsAsync<StorageException>(() =>
            backend.ListAsync(FileKind.Pack, Token).ToListAsync(Token).AsTask()
        );
    }

    [Fact]
    public async Task A_server_that_is_gone_is_a_passing_fault()
    {
        await using var backend = Open(options => options with { Endpoint = "https://127.0.0.1:1/account" });

        await FailsAsync(StorageError.Transient, () => backend.ReadAllAsync(FileHandle.Config, Token));
    }

    protected override IBackend Open(string prefix = "backups/shop") =>
        Open(options => options with { Prefix = prefix });

    protected override async Task AddForeignAsync(string relativePath, byte[] content)
    {
        using var transport = Transport.CreateClient(
            azurite.OptionsFor(_container).Transport,
            "test",
            TimeProvider.System
        );
        BlobContainerClient container = AzureClient.Create(azurite.OptionsFor(_container), "test", transport);
        using var stream = new MemoryStream(content);
        await container.UploadBlobAsync("backups/shop/" + relativePath, stream, Token);
    }

    private AzureBackend Open(Func<AzureOptions, AzureOptions> change) =>
        AzureBackend.Create(change(azurite.OptionsFor(_container)), TimeProvider.System);
}
