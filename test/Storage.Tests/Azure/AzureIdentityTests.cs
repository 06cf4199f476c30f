using Granary.Storage.Azure;
using Granary.Storage.Decorators;
using Granary.Storage.Http;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Microsoft.AspNetCore.Http;

namespace Granary.Storage.Tests.Azure;

/// <summary>
/// A Pod's workload identity: a token in a file, which Entra exchanges for one that opens the container.
/// </summary>
/// <remarks>The identity is in this process's variables; no other test goes without a key.</remarks>
public sealed class AzureIdentityTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private readonly Dictionary<string, string?> _variables = [];
    private readonly List<string> _questions = [];
    private readonly List<string> _asked = [];
    private Func<HttpContext, Task<bool>> _entra = _ => Task.FromResult(false);
    private StubServer? _server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var certificates = new TestCertificates(_folder.Path);
        _server = await StubServer.StartAsync(HandleAsync, certificates.Issue("entra", "127.0.0.1"), Cancel);
        await File.WriteAllTextAsync(_folder["token"], "the-pods-token", Cancel);
        Set("AZURE_CLIENT_ID", "11111111-1111-1111-1111-111111111111");
        // MSAL remembers tokens and authorities by it for the whole process
        Set("AZURE_TENANT_ID", Guid.NewGuid().ToString());
        Set("AZURE_FEDERATED_TOKEN_FILE", _folder["token"]);
        Set("AZURE_AUTHORITY_HOST", _server.Url);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, value) in _variables)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        await _server!.DisposeAsync(); // set before any test runs
        _folder.Dispose();
    }

    [Fact]
    public async Task The_pods_token_is_exchanged_for_one_that_goes_into_each_request()
    {
        await using var backend = Open();

        var content = await backend.ReadAllAsync(FileHandle.Config, Cancel);

        Assert.Equal("config"u8.ToArray(), content);
        Assert.Equal(["Bearer entra's-token"], _asked);
        var question = Assert.Single(_questions);
        Assert.Contains("client_assertion=the-pods-token", question, StringComparison.Ordinal);
        Assert.Contains("storage.azure.com", question, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, "Service is unavailable to process the request.")]
    [InlineData(429, "AADSTS90033: A transient error has occurred.")]
    public async Task A_token_service_that_is_busy_is_a_passing_fault(int status, string words)
    {
        var refusals = 0;
        _entra = async context =>
        {
            if (Interlocked.Increment(ref refusals) > 4)
            {
                return false;
            }

            await RefuseAsync(
                context,
                status,
                """{"error":"temporarily_unavailable","error_description":"AADSTS90033:"""
                    + """ A transient error has occurred."}"""
            );
            return true;
        };
        var notices = new List<RetryNotice>();
        await using var backend = new RetryingBackend(
            Open(),
            new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(1) },
            TimeProvider.System,
            notices.Add
        );

        var content = await backend.ReadAllAsync(FileHandle.Config, Cancel);

        Assert.Equal("config"u8.ToArray(), content);
        Assert.NotEmpty(notices);
        Assert.Contains(words, notices[0].Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_that_is_refused_is_access_denied_in_the_services_words()
    {
        _entra = async context =>
        {
            await RefuseAsync(
                context,
                401,
                """{"error":"invalid_client","error_description":"AADSTS70021:"""
                    + """ No matching federated identity record found."}"""
            );
            return true;
        };
        await using var backend = Open();

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.Equal(StorageError.AccessDenied, error.Error);
        Assert.Contains(
            "AADSTS70021: No matching federated identity record found.",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain("the-pods-token", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task RefuseAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body, Cancel);
    }

    private AzureBackend Open() =>
        AzureBackend.Create(
            new AzureOptions
            {
                Container = "backups",
                AccountName = "account",
                Endpoint = $"{_server!.Url}/account",
                Transport = new TransportOptions { InsecureTls = true },
            },
            TimeProvider.System
        );

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/account", StringComparison.Ordinal))
        {
            _asked.Add(context.Request.Headers.Authorization.ToString());
            context.Response.Headers.ETag = "\"1\"";
            context.Response.Headers.LastModified = "Sun, 29 Nov 2026 05:00:00 GMT";
            context.Response.ContentType = "application/octet-stream";
            context.Response.ContentLength = 6;
            await context.Response.WriteAsync("config", Cancel);
        }
        else if (context.Request.Path.Value!.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal))
        {
            using var body = new StreamReader(context.Request.Body);
            _questions.Add(Uri.UnescapeDataString(await body.ReadToEndAsync(Cancel)));
            if (!await _entra(context))
            {
                await context.Response.WriteAsJsonAsync(
                    new
                    {
                        token_type = "Bearer",
                        expires_in = 3600,
                        access_token = "entra's-token",
                    },
                    Cancel
                );
            }
        }
        else
        {
            // Where MSAL asks whether it knows this authority.
            var tenant = context.Request.Path.Value!.Split('/')[1];
            await context.Response.WriteAsJsonAsync(
                new
                {
                    issuer = $"{_server!.Url}/{tenant}/v2.0",
                    authorization_endpoint = $"{_server.Url}/{tenant}/oauth2/v2.0/authorize",
                    token_endpoint = $"{_server.Url}/{tenant}/oauth2/v2.0/token",
                },
                Cancel
            );
        }
    }

    private void Set(string name, string value)
    {
        _variables[name] = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, value);
    }
}
