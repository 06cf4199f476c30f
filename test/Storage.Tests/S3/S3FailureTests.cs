using System.Diagnostics;
using System.Net;
using Granary.Storage.Contract;
using Granary.Storage.Http;
using Granary.Storage.S3;
using Granary.TestSupport.Servers;

namespace Granary.Storage.Tests.S3;

/// <summary>What users are told when S3 does not do as asked.</summary>
public sealed class S3FailureTests(StrictMotoFixture moto) : IClassFixture<StrictMotoFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wrong_secret_is_access_denied_in_the_providers_words()
    {
        var secret = Guid.NewGuid().ToString("N");
        await using var backend = Open(options => options with { SecretAccessKey = new Secret(secret) });
        Func<Task>[] operations =
        [
            () => backend.SizeAsync(FileHandle.Config, Cancel),
            () => backend.ReadAllAsync(FileHandle.Config, Cancel),
            () => StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Cancel),
            async () => await backend.ListAsync(FileKind.Key, Cancel).GetAsyncEnumerator(Cancel).MoveNextAsync(),
            () => backend.DeleteAsync(FileHandle.Config, Cancel),
        ];

        foreach (var operation in operations)
        {
            var error = await Assert.ThrowsAsync<StorageException>(operation);

            Assert.Equal(StorageError.AccessDenied, error.Error);
            Assert.Contains(
                "SignatureDoesNotMatch: The request signature we calculated does not match",
                error.Message,
                StringComparison.Ordinal
            );
            Assert.DoesNotContain(secret, error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(moto.Server.AccessKey, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_unknown_key_is_access_denied()
    {
        await using var backend = Open(options => options with { AccessKeyId = new Secret("AKIAUNKNOWN") });

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.Equal(StorageError.AccessDenied, error.Error);
        Assert.Contains("InvalidAccessKeyId", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_may_only_read_is_refused_a_save()
    {
        await using var server = await MotoServer.StartAsync(cancellationToken: Cancel);
        await server.CreateBucketAsync("failures", Cancel);
        await server.RequireSignaturesAsync(
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:"""
                + """ListBucket"],"Resource":"*"}]}"""
        );
        await using var backend = On(server, new TransportOptions());

        Assert.Null(await backend.SizeAsync(FileHandle.Config, Cancel));
        var error = await Assert.ThrowsAsync<StorageException>(() =>
            StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Cancel)
        );

        Assert.Equal(StorageError.AccessDenied, error.Error);
        Assert.Contains("AccessDenied", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_bucket_is_not_found_by_its_name()
    {
        await using var backend = Open(options => options with { Bucket = "no-such-bucket" });

        var error = await Assert.ThrowsAsync<StorageException>(() =>
            StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Cancel)
        );

        Assert.Equal(StorageError.NotFound, error.Error);
        Assert.Contains("NoSuchBucket", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_by_an_unknown_authority_is_refused_for_good()
    {
        await using var backend = Open(options => options with { Transport = new TransportOptions() });

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.Equal(StorageError.Invalid, error.Error);
        Assert.Contains("certificate", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("CA_CERT_DATA", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("see inner exception", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Insecure_tls_accepts_any_certificate()
    {
        await using var backend = Open(options =>
            options with
            {
                Transport = new TransportOptions { InsecureTls = true },
            }
        );
        await backend.PrepareAsync(Cancel);

        Assert.Null(await backend.SizeAsync(FileHandle.Config, Cancel));
    }

    [Fact]
    public void A_ca_certificate_that_is_none_is_refused()
    {
        var error = Assert.Throws<StorageException>(() =>
            Open(options => options with { Transport = new TransportOptions { CaCertificate = "not a certificate" } })
        );

        Assert.Equal(StorageError.Invalid, error.Error);
    }

    [Fact]
    public async Task A_stopped_server_is_a_passing_fault()
    {
        await using var server = await MotoServer.StartAsync(cancellationToken: Cancel);
        await using var backend = On(server, new TransportOptions());
        await backend.PrepareAsync(Cancel);
        var file = StoredFile.Of(FileKind.Pack, 10);
        await file.SaveToAsync(backend, Cancel);

        await server.StopAsync();

        Assert.True(
            (await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(file.Handle, Cancel))).IsTransient
        );
        Assert.True((await Assert.ThrowsAsync<StorageException>(() => file.SaveToAsync(backend, Cancel))).IsTransient);
        Assert.True(
            (await Assert.ThrowsAsync<StorageException>(() => backend.DeleteAsync(file.Handle, Cancel))).IsTransient
        );
    }

    [Fact]
    public async Task A_server_that_stops_answering_is_given_up_after_the_stall_limit()
    {
        await using var server = await MotoServer.StartAsync(cancellationToken: Cancel);
        await server.CreateBucketAsync("failures", Cancel);
        await using var backend = On(server, new TransportOptions { StallTimeout = TimeSpan.FromMilliseconds(300) });
        server.Freeze();
        var watch = Stopwatch.StartNew();

        var read = await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));
        var save = await Assert.ThrowsAsync<StorageException>(() =>
            StoredFile.Of(FileKind.Pack, 8 << 20).SaveToAsync(backend, Cancel)
        );

        server.Thaw();
        Assert.True(read.IsTransient);
        Assert.True(save.IsTransient);
        Assert.Contains("no progress", read.Message, StringComparison.Ordinal);
        // The limit that applies when none is asked for is minutes.
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(600), TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task An_access_key_without_its_secret_is_refused()
    {
        var error = await Assert.ThrowsAsync<StorageException>(async () =>
        {
            await using var backend = Open(options => options with { SecretAccessKey = null });
        });

        Assert.Equal(StorageError.AccessDenied, error.Error);
    }

    [Theory]
    [InlineData("s3.amazonaws.com", "https://s3.amazonaws.com/", true, null)]
    [InlineData(
        "https://s3.eu-central-1.amazonaws.com",
        "https://s3.eu-central-1.amazonaws.com/",
        true,
        "eu-central-1"
    )]
    [InlineData(
        "s3.dualstack.us-gov-west-1.amazonaws.com",
        "https://s3.dualstack.us-gov-west-1.amazonaws.com/",
        true,
        "us-gov-west-1"
    )]
    [InlineData("s3.cn-north-1.amazonaws.com.cn", "https://s3.cn-north-1.amazonaws.com.cn/", true, "cn-north-1")]
    [InlineData("http://minio.demo.svc:9000/", "http://minio.demo.svc:9000/", false, null)]
    [InlineData("minio.demo.svc:9000", "https://minio.demo.svc:9000/", false, null)]
    public void An_endpoint_is_read_as_users_write_it(string text, string url, bool amazon, string? region)
    {
        var endpoint = S3Endpoint.Parse(text);

        Assert.Equal((url, amazon, region), (endpoint.Url.AbsoluteUri, endpoint.IsAmazon, endpoint.Region));
    }

    [Theory]
    [InlineData("ftp://host")]
    [InlineData("https://user:hunter2@host")]
    [InlineData("https://host/bucket")]
    [InlineData("")]
    public void An_endpoint_that_cannot_work_is_refused_without_repeating_a_password(string text)
    {
        var error = Assert.Throws<StorageException>(() => S3Endpoint.Parse(text));

        Assert.Equal(StorageError.Invalid, error.Error);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NoSuchKey", HttpStatusCode.NotFound, StorageError.NotFound)]
    [InlineData("AccessDenied", HttpStatusCode.Forbidden, StorageError.AccessDenied)]
    [InlineData("ExpiredToken", HttpStatusCode.BadRequest, StorageError.AccessDenied)]
    [InlineData("InvalidRange", HttpStatusCode.RequestedRangeNotSatisfiable, StorageError.Truncated)]
    [InlineData("SlowDown", HttpStatusCode.ServiceUnavailable, StorageError.Transient)]
    [InlineData("InternalError", HttpStatusCode.InternalServerError, StorageError.Transient)]
    [InlineData("RequestTimeout", HttpStatusCode.BadRequest, StorageError.Transient)]
    [InlineData("ConditionalRequestConflict", HttpStatusCode.Conflict, StorageError.Transient)]
    [InlineData("PreconditionFailed", HttpStatusCode.PreconditionFailed, StorageError.AlreadyExists)]
    [InlineData("QuotaExceeded", HttpStatusCode.Forbidden, StorageError.Full)]
    [InlineData("InvalidBucketName", HttpStatusCode.BadRequest, StorageError.Invalid)]
    [InlineData("PermanentRedirect", HttpStatusCode.MovedPermanently, StorageError.Invalid)]
    public void Error_codes_are_told_apart(string code, HttpStatusCode status, StorageError expected) =>
        Assert.Equal(expected, S3Errors.Classify(code, status));

    private S3Backend Open(Func<S3Options, S3Options> change) =>
        S3Backend.Create(
            change(
                new S3Options
                {
                    Endpoint = moto.Server.Url,
                    Bucket = "failures",
                    AccessKeyId = new Secret(moto.Server.AccessKey),
                    SecretAccessKey = new Secret(moto.Server.SecretKey),
                    Transport = new TransportOptions { CaCertificate = moto.CaCertificate },
                }
            ),
            TimeProvider.System
        );

    private static S3Backend On(MotoServer server, TransportOptions transport) =>
        S3Backend.Create(
            new S3Options
            {
                Endpoint = server.Url,
                Bucket = "failures",
                AccessKeyId = new Secret(server.AccessKey),
                SecretAccessKey = new Secret(server.SecretKey),
                Transport = transport,
            },
            TimeProvider.System
        );
}
