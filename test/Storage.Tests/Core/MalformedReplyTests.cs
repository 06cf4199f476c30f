using System.Text.Json.Nodes;
using Granary.Storage.Azure;
using Granary.Storage.B2;
using Granary.Storage.Contract;
using Granary.Storage.Gcs;
using Granary.Storage.Rest;
using Granary.Storage.S3;
using Granary.Storage.Swift;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Microsoft.AspNetCore.Http;

namespace Granary.Storage.Tests.Core;

/// <summary>
/// Replies and settings that nobody would write on purpose end as errors that say what to mend, not as stack traces.
/// </summary>
public sealed class MalformedReplyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("s3")]
    [InlineData("rest")]
    [InlineData("swift")]
    [InlineData("swift-token")]
    [InlineData("azure")]
    [InlineData("gcs")]
    [InlineData("b2")]
    public async Task A_redirect_to_a_relative_address_is_refused_for_good(string provider)
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "/login?token=hunter2";
            return Task.CompletedTask;
        });
        await using var backend = Open(provider, server.Url);

        await RefusedAsync(backend);
    }

    [Theory]
    [InlineData("s3")]
    [InlineData("swift")]
    [InlineData("gcs")]
    [InlineData("rest")]
    [InlineData("b2")]
    [InlineData("azure")]
    public async Task A_page_made_for_people_is_refused_for_good(string provider)
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.ContentType = "text/html; charset=nonsense";
            return context.Response.WriteAsync("<html><body>Welcome to the hotel & its network", Cancel);
        });
        await using var backend = Open(provider, server.Url);

        await RefusedAsync(backend);
    }

    [Theory]
    [InlineData(404, null)]
    [InlineData(503, StorageError.Transient)]
    [InlineData(403, StorageError.AccessDenied)]
    public async Task A_refusal_of_a_head_that_is_said_to_be_xml_and_is_empty_counts_by_its_status(
        int status,
        StorageError? expected
    )
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/xml";
            return Task.CompletedTask;
        });
        await using var backend = Open("azure", server.Url);

        if (expected is null)
        {
            Assert.Null(await backend.SizeAsync(FileHandle.Config, Cancel));
        }
        else
        {
            Assert.Equal(
                expected,
                (await Assert.ThrowsAsync<StorageException>(() => backend.SizeAsync(FileHandle.Config, Cancel))).Error
            );
        }
    }

    [Theory]
    [InlineData("ST_AUTH", "host/auth/v1.0")]
    [InlineData("OS_AUTH_URL", "identity")]
    [InlineData("OS_STORAGE_URL", "host:8080/v1/AUTH_demo")]
    [InlineData("ST_KEY", "hunter2\n")]
    [InlineData("ST_KEY", "hünter2")]
    [InlineData("OS_PASSWORD", "hunter2\n")]
    [InlineData("OS_AUTH_TOKEN", "hunter2\r\n")]
    [InlineData("AWS_ACCESS_KEY_ID", "hunter2\n")]
    [InlineData("AWS_SECRET_ACCESS_KEY", "hunter2\n")]
    [InlineData("AWS_SESSION_TOKEN", "hunter2\n")]
    [InlineData("AZURE_ACCOUNT_SAS", "hunter2\nb")]
    [InlineData("B2_ACCOUNT_KEY", "hunter2\n")]
    [InlineData("REST_SERVER_PASSWORD", "hunter2\n")]
    public void A_setting_that_cannot_work_is_refused_by_its_name_and_its_value_is_not_shown(string key, string value)
    {
        var error = Assert.Throws<StorageException>(() => OpenWith(key, value));

        Assert.Equal(StorageError.Invalid, error.Error);
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(value.Trim(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3")]
    [InlineData("azure")]
    [InlineData("gcs")]
    [InlineData("b2")]
    [InlineData("swift")]
    public void A_prefix_that_leads_upwards_is_refused_by_name(string provider)
    {
        var error = Assert.Throws<StorageException>(() => Open(provider, "http://127.0.0.1:1", "../other"));

        Assert.Equal(StorageError.Invalid, error.Error);
        Assert.Contains("the prefix '../other'", error.Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(IBackend backend)
    {
        Func<Task>[] operations =
        [
            async () => await backend.ListAsync(FileKind.Key, Cancel).GetAsyncEnumerator(Cancel).MoveNextAsync(),
            () => backend.PrepareAsync(Cancel),
            () => StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Cancel),
        ];
        var errors = new List<StorageException>();
        foreach (var operation in operations)
        {
            if (await Record.ExceptionAsync(operation) is { } failure)
            {
                errors.Add(Assert.IsType<StorageException>(failure));
            }
        }

        Assert.NotEmpty(errors);
        Assert.All(errors, error =>
            Assert.Contains(error.Error, new[] { StorageError.Invalid, StorageError.AccessDenied })
        );
        Assert.All(errors, error => Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal));
    }

    private static IBackend OpenWith(string key, string value)
    {
        var secret = new Secret(value);
        var good = new Secret("good");
        return key switch
        {
            "ST_AUTH" => Swift(new SwiftVersionOne(value, "demo:backup", good)),
            "ST_KEY" => Swift(new SwiftVersionOne("http://host/auth/v1.0", "demo:backup", secret)),
            "OS_AUTH_URL" => Swift(new SwiftKeystone { AuthUrl = value }),
            "OS_PASSWORD" => Swift(new SwiftKeystone { AuthUrl = "http://host", Password = secret }),
            "OS_STORAGE_URL" => Swift(new SwiftToken(value, good)),
            "OS_AUTH_TOKEN" => Swift(new SwiftToken("http://host/v1", secret)),
            "AWS_ACCESS_KEY_ID" => S3(secret, good, null),
            "AWS_SECRET_ACCESS_KEY" => S3(good, secret, null),
            "AWS_SESSION_TOKEN" => S3(good, good, secret),
            "AZURE_ACCOUNT_SAS" => AzureBackend.Create(
                new AzureOptions
                {
                    Container = "c",
                    AccountName = "a",
                    SasToken = secret,
                },
                TimeProvider.System
            ),
            "B2_ACCOUNT_KEY" => B2Backend.Create(
                new B2Options
                {
                    Bucket = "b",
                    AccountId = good,
                    AccountKey = secret,
                },
                TimeProvider.System
            ),
            "REST_SERVER_PASSWORD" => RestBackend.Create(
                new RestOptions
                {
                    Url = "http://host/",
                    UserName = "u",
                    Password = secret,
                },
                TimeProvider.System
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(key), key, "No such key."),
        };

        static SwiftBackend Swift(SwiftIdentity identity) =>
            SwiftBackend.Create(new SwiftOptions { Container = "c", Identity = identity }, TimeProvider.System);

        static S3Backend S3(Secret id, Secret key, Secret? token) =>
            S3Backend.Create(
                new S3Options
                {
                    Endpoint = "http://host",
                    Bucket = "b",
                    AccessKeyId = id,
                    SecretAccessKey = key,
                    SessionToken = token,
                },
                TimeProvider.System
            );
    }

    private static IBackend Open(string provider, string url, string? prefix = null)
    {
        switch (provider)
        {
            case "s3":
                return S3Backend.Create(
                    new S3Options
                    {
                        Endpoint = url,
                        Bucket = "b",
                        Prefix = prefix,
                        AccessKeyId = new Secret("id"),
                        SecretAccessKey = new Secret("key"),
                    },
                    TimeProvider.System
                );
            case "rest":
                return RestBackend.Create(new RestOptions { Url = url }, TimeProvider.System);
            case "swift":
                return SwiftBackend.Create(
                    new SwiftOptions
                    {
                        Container = "c",
                        Prefix = prefix,
                        Identity = new SwiftKeystone { AuthUrl = url, Password = new Secret("key") },
                    },
                    TimeProvider.System
                );
            case "swift-token":
                return SwiftBackend.Create(
                    new SwiftOptions { Container = "c", Identity = new SwiftToken(url, new Secret("token")) },
                    TimeProvider.System
                );
            case "azure":
                return AzureBackend.Create(
                    new AzureOptions
                    {
                        Container = "c",
                        Prefix = prefix,
                        AccountName = "a",
                        AccountKey = new Secret(AzuriteServer.Key),
                        Endpoint = url,
                    },
                    TimeProvider.System
                );
            case "b2":
                return B2Backend.Create(
                    new B2Options
                    {
                        Bucket = "b",
                        Prefix = prefix,
                        AccountId = new Secret("id"),
                        AccountKey = new Secret("key"),
                        AuthorizationEndpoint = url,
                    },
                    TimeProvider.System
                );
            default:
                return GcsBackend.Create(
                    new GcsOptions
                    {
                        Bucket = "b",
                        Prefix = prefix,
                        ServiceAccountKey = KeyFor(url),
                        Endpoint = url,
                    },
                    TimeProvider.System
                );
        }
    }

    private static Secret KeyFor(string tokens)
    {
        using var key = System.Security.Cryptography.RSA.Create(2048);
        return new Secret(
            new JsonObject
            {
                ["type"] = "service_account",
                ["private_key_id"] = "1",
                ["private_key"] = key.ExportPkcs8PrivateKeyPem(),
                ["client_email"] = "backup@demo.iam.gserviceaccount.com",
                ["token_uri"] = $"{tokens}/token",
            }.ToJsonString()
        );
    }
}
