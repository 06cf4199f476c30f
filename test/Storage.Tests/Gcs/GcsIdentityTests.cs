using System.Text.Json.Nodes;
using Granary.Storage.Contract;
using Granary.Storage.Decorators;
using Granary.Storage.Gcs;
using Granary.Storage.Http;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Microsoft.AspNetCore.Http;

namespace Granary.Storage.Tests.Gcs;

/// <summary>
/// Where tokens for Cloud Storage come from, and what becomes of a token service that is not at its best.
/// </summary>
public sealed class GcsIdentityTests : IAsyncLifetime
{
    private const string Variable = "GOOGLE_APPLICATION_CREDENTIALS";
    private readonly GcsStandIn _gcs = new();
    private readonly TempDirectory _folder = new();
    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);
    private readonly List<string> _agents = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _gcs.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        Environment.SetEnvironmentVariable(Variable, _before);
        await _gcs.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_token_service_that_is_busy_is_a_passing_fault_and_is_asked_once_a_try(int status)
    {
        await using var server = await TokensAsync((context, number) => Answer(context, number == 1 ? status : 0));
        await using var bare = Open(KeyFor(server.Url));
        var notices = new List<RetryNotice>();
        await using var backend = new RetryingBackend(
            bare,
            new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(1) },
            TimeProvider.System,
            notices.Add
        );

        await backend.PrepareAsync(Cancel);

        Assert.Single(notices);
        Assert.Equal([Transport.UserAgent, Transport.UserAgent], _agents);
    }

    [Fact]
    public async Task A_token_service_of_a_private_authority_is_reached_by_its_certificate_and_watched_for_stalls()
    {
        var certificates = new TestCertificates(_folder.Path);
        await using var server = await StubServer.StartAsync(
            async context =>
            {
                if (context.Request.Path == "/token")
                {
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                }
            },
            certificates.Issue("tokens", "127.0.0.1"),
            Cancel
        );
        var trust = new TransportOptions
        {
            CaCertificate = certificates.CaPem,
            StallTimeout = TimeSpan.FromMilliseconds(500),
        };
        await using var backend = Open(KeyFor(server.Url), trust);
        await using var distrustful = Open(KeyFor(server.Url));

        var stalled = await Assert.ThrowsAsync<StorageException>(() => backend.PrepareAsync(Cancel));
        var refused = await Assert.ThrowsAsync<StorageException>(() => distrustful.PrepareAsync(Cancel));

        Assert.True(stalled.IsTransient);
        Assert.Contains("no progress for 0.5 s", stalled.Message, StringComparison.Ordinal);
        Assert.Equal(StorageError.Invalid, refused.Error);
    }

    [Fact]
    public async Task A_federated_identity_exchanges_the_pods_token_for_googles()
    {
        var question = "";
        await using var server = await TokensAsync(
            async (context, _) =>
            {
                question = string.Join(
                    '&',
                    (await context.Request.ReadFormAsync(Cancel)).Select(pair => $"{pair.Key}={pair.Value}")
                );
                await context.Response.WriteAsJsonAsync(
                    new
                    {
                        access_token = _gcs.Token,
                        issued_token_type = "urn:ietf:params:oauth:token-type:access_token",
                        token_type = "Bearer",
                        expires_in = 3600,
                    },
                    Cancel
                );
            }
        );
        await File.WriteAllTextAsync(_folder["token"], "the-pods-token", Cancel);
        var configuration = new JsonObject
        {
            ["type"] = "external_account",
            ["audience"] =
                "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/cluster",
            ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
            ["token_url"] = $"{server.Url}/token",
            ["credential_source"] = new JsonObject { ["file"] = _folder["token"] },
        };
        await File.WriteAllTextAsync(_folder["credentials.json"], configuration.ToJsonString(), Cancel);
        Environment.SetEnvironmentVariable(Variable, _folder["credentials.json"]);
        await using var backend = Open(key: null);
        var file = StoredFile.Of(FileKind.Pack, 1000);
        await backend.PrepareAsync(Cancel);

        await file.SaveToAsync(backend, Cancel);

        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Cancel));
        Assert.Contains("subject_token=the-pods-token", question, StringComparison.Ordinal);
        Assert.Equal([Transport.UserAgent], _agents);
    }

    private Task<StubServer> TokensAsync(Func<HttpContext, int, Task> answer)
    {
        var number = 0;
        return StubServer.StartAsync(
            context =>
            {
                _agents.Add(context.Request.Headers.UserAgent.ToString());
                return answer(context, Interlocked.Increment(ref number));
            },
            Cancel
        );
    }

    private async Task Answer(HttpContext context, int refusal)
    {
        context.Response.StatusCode = refusal == 0 ? 200 : refusal;
        await context.Response.WriteAsJsonAsync<object>(
            refusal == 0
                ? new
                {
                    access_token = _gcs.Token,
                    token_type = "Bearer",
                    expires_in = 3600,
                }
                : new { error = "temporarily_unavailable", error_description = "Please come back." },
            Cancel
        );
    }

    private Secret KeyFor(string url)
    {
        var key = JsonNode.Parse(_gcs.ServiceAccountKey)!;
        key["token_uri"] = $"{url}/token";
        return new Secret(key.ToJsonString());
    }

    private GcsBackend Open(Secret? key, TransportOptions? transport = null) =>
        GcsBackend.Create(
            new GcsOptions
            {
                Bucket = "backups",
                ProjectId = "demo",
                ServiceAccountKey = key,
                Endpoint = _gcs.Url,
                Transport = transport ?? new TransportOptions(),
            },
            TimeProvider.System
        );
}
