using System.Security.Cryptography;
using Granary.Storage.Contract;
using Granary.Storage.Gcs;
using Granary.TestSupport.StandIns;

namespace Granary.Storage.Tests.Gcs;

/// <summary>The server for a class of tests.</summary>
public sealed class GcsFixture : GcsStandIn, IAsyncLifetime;

/// <summary>The contract on Cloud Storage's JSON API, with tokens that a service account signs for.</summary>
public sealed class GcsBackendTests(GcsFixture gcs) : BackendContractTests, IClassFixture<GcsFixture>
{
    private readonly string _bucket = $"test-{Guid.NewGuid():N}";

    // Pages of a hundred.
    protected override int ManyFiles => 250;

    protected override IReadOnlyList<string> Credentials => [gcs.Token, "PRIVATE KEY"];

    [Fact]
    public async Task A_wrong_key_is_access_denied_in_googles_words()
    {
        using var other = RSA.Create(2048);
        await using var backend = Open(options =>
            options with
            {
                ServiceAccountKey = new Secret(gcs.KeyFileFor(other)),
            }
        );

        var error = await FailsAsync(StorageError.AccessDenied, () => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.Contains("invalid_grant: Invalid JWT Signature.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_no_json_is_refused_without_showing_it()
    {
        await using var backend = Open(options =>
            options with
            {
                ServiceAccountKey = new Secret("{\"private_key\": \"hunter2\""),
            }
        );

        var error = await FailsAsync(StorageError.AccessDenied, () => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_bucket_is_not_found_when_no_project_is_known()
    {
        await using var backend = Open(options => options with { ProjectId = null });

        await FailsAsync(StorageError.NotFound, () => backend.PrepareAsync(Cancel));
        var error = await FailsAsync(StorageError.NotFound, () =>
            StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Cancel)
        );

        Assert.Contains("The specified bucket does not exist. (HTTP 404", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_a_passing_fault()
    {
        await using var backend = Open(options => options with { Endpoint = "http://127.0.0.1:1" });

        await FailsAsync(StorageError.Transient, () => backend.ReadAllAsync(FileHandle.Config, Cancel));
    }

    protected override IBackend Open(string prefix = "backups/shop") =>
        Open(options => options with { Prefix = prefix });

    protected override Task AddForeignAsync(string relativePath, byte[] content)
    {
        gcs.Bucket(_bucket).Put("backups/shop/" + relativePath, content);
        return Task.CompletedTask;
    }

    private GcsBackend Open(Func<GcsOptions, GcsOptions> change) =>
        GcsBackend.Create(
            change(
                new GcsOptions
                {
                    Bucket = _bucket,
                    ProjectId = "demo",
                    ServiceAccountKey = new Secret(gcs.ServiceAccountKey),
                    Endpoint = gcs.Url,
                    ListPageSize = 100,
                }
            ),
            TimeProvider.System
        );
}
