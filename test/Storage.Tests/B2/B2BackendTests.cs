using Granary.Storage.B2;
using Granary.Storage.Contract;
using Granary.Storage.Tests.S3;
using Granary.TestSupport.StandIns;

namespace Granary.Storage.Tests.B2;

/// <summary>An S3 server, and in front of it the place where an account learns where it lives.</summary>
public sealed class B2Fixture : MotoFixture
{
    private B2StandIn? _authorization;

    public string AuthorizationUrl =>
        _authorization?.Url ?? throw new InvalidOperationException("The server was not started.");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _authorization = await B2StandIn.StartAsync(Server, cancellationToken: TestContext.Current.CancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_authorization is { } authorization)
        {
            await authorization.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}

/// <summary>The contract on B2.</summary>
public sealed class B2BackendTests(B2Fixture b2) : BackendContractTests, IClassFixture<B2Fixture>
{
    private readonly string _bucket = $"test-{Guid.NewGuid():N}";

    // Paging is S3's and is tested there.
    protected override int ManyFiles => 50;

    // moto compares and stores in two steps, on several threads.
    protected override bool CreateOnlyIsAtomic => false;

    protected override IReadOnlyList<string> Credentials => [b2.Server.AccessKey, b2.Server.SecretKey];

    [Fact]
    public async Task A_wrong_key_is_access_denied_in_b2s_words()
    {
        await using var backend = Open(options => options with { AccountKey = new Secret("hunter2") });

        var error = await FailsAsync(StorageError.AccessDenied, () => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.Contains(
            "bad_auth_token: The applicationKeyId and/or the applicationKey are wrong. (HTTP 401)",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_a_passing_fault()
    {
        await using var backend = Open(options => options with { AuthorizationEndpoint = "http://127.0.0.1:1" });

        await FailsAsync(StorageError.Transient, () => backend.ReadAllAsync(FileHandle.Config, Cancel));
    }

    protected override IBackend Open(string prefix = "backups/shop") =>
        Open(options => options with { Prefix = prefix });

    protected override async Task AddForeignAsync(string relativePath, byte[] content)
    {
        using var client = b2.Server.CreateClient();
        using var stream = new MemoryStream(content);
        await client.PutObjectAsync(
            new()
            {
                BucketName = _bucket,
                Key = "backups/shop/" + relativePath,
                InputStream = stream,
            },
            Cancel
        );
    }

    private B2Backend Open(Func<B2Options, B2Options> change) =>
        B2Backend.Create(
            change(
                new B2Options
                {
                    Bucket = _bucket,
                    AccountId = new Secret(b2.Server.AccessKey),
                    AccountKey = new Secret(b2.Server.SecretKey),
                    AuthorizationEndpoint = b2.AuthorizationUrl,
                }
            ),
            TimeProvider.System
        );
}
