using System.Collections.Concurrent;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Granary.Worker.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Granary.Worker.Tests.Commands.Identity;

/// <summary>
/// The built program without a key, as in a Pod of AKS: it has a token in a file, which Entra exchanges for one of the
/// store's.
/// </summary>
/// <remarks>
/// A process, because these are variables of the process, and because a native program finds less by name.
/// </remarks>
public sealed class EntraIdentityTests : IDisposable
{
    private const string Store = "shopbackups.blob.core.windows.net";
    private const string Tenant = "5c4c9a3e-8a3b-4a52-9a36-52a7ad1cb2bd";
    private readonly TempDirectory _folder = new();
    private readonly ConcurrentQueue<string> _questions = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_pods_token_is_exchanged_for_one_that_opens_the_container()
    {
        var certificates = new TestCertificates(_folder.Path);
        await using var server = await StubServer.StartAsync(
            HandleAsync,
            certificates.Issue("azure", "127.0.0.1", Store),
            Token
        );
        await using var tunnel = TunnelProxy.Start((Store, server.Url));
        await File.WriteAllTextAsync(_folder["token"], "the-pods-token", Token);
        var variables = new Dictionary<string, string>
        {
            ["RESTIC_REPOSITORY"] = "azure:backups:/shop",
            ["RESTIC_PASSWORD"] = "password-of-the-test",
            ["AZURE_ACCOUNT_NAME"] = "shopbackups",
            ["AZURE_CLIENT_ID"] = "11111111-1111-1111-1111-111111111111",
            ["AZURE_TENANT_ID"] = Tenant,
            ["AZURE_FEDERATED_TOKEN_FILE"] = _folder["token"],
            ["AZURE_AUTHORITY_HOST"] = server.Url,
            ["CA_CERT_DATA"] = certificates.CaPem,
            ["HTTPS_PROXY"] = tunnel.Url,
            ["NO_PROXY"] = "127.0.0.1",
        };

        var result = await BuiltProgram.RunAsync(["snapshots"], variables);

        // The container is open, and there is no repository in it.
        Assert.True(result.ExitCode == ExitCodes.NoRepository, $"exit status {result.ExitCode}: {result.Error}");
        Assert.Contains("client_assertion=the-pods-token", Assert.Single(_questions), StringComparison.Ordinal);
        Assert.DoesNotContain("token", result.Error, StringComparison.Ordinal);
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Host.Host == Store)
        {
            var isKnown = context.Request.Headers.Authorization == "Bearer token-of-the-store";
            context.Response.StatusCode = isKnown ? 404 : 401;
            context.Response.Headers["x-ms-error-code"] = isKnown ? "BlobNotFound" : "InvalidAuthenticationInfo";
        }
        else if (context.Request.Path.Value!.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal))
        {
            using var body = new StreamReader(context.Request.Body);
            _questions.Enqueue(Uri.UnescapeDataString(await body.ReadToEndAsync(Token)));
            await context.Response.WriteAsJsonAsync(
                new
                {
                    token_type = "Bearer",
                    expires_in = 3600,
                    access_token = "token-of-the-store",
                },
                Token
            );
        }
        else
        {
            // Where the library asks how this authority is reached.
            var authority = $"https://{context.Request.Host}/{Tenant}";
            await context.Response.WriteAsJsonAsync(
                new
                {
                    issuer = $"{authority}/v2.0",
                    authorization_endpoint = $"{authority}/oauth2/v2.0/authorize",
                    token_endpoint = $"{authority}/oauth2/v2.0/token",
                },
                Token
            );
        }
    }
}
