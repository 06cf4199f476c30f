using System.Text;
using Granary.TestSupport.Servers;
using Microsoft.AspNetCore.Http;

namespace Granary.TestSupport.StandIns;

/// <summary>The place where a B2 account learns that it lives on an S3 server of ours.</summary>
public sealed class B2StandIn : IAsyncDisposable
{
    private readonly StubServer _server;

    private B2StandIn(StubServer server) => _server = server;

    /// <summary>Its address.</summary>
    public string Url => _server.Url;

    /// <summary>Starts it for one S3 server, whose access key is the account's application key.</summary>
    /// <param name="s3">The server.</param>
    /// <param name="certificate">Certificate and key files for TLS, or null for plain HTTP.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<B2StandIn> StartAsync(
        MotoServer s3,
        (string Certificate, string Key)? certificate = null,
        CancellationToken cancellationToken = default
    )
    {
        var expected = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{s3.AccessKey}:{s3.SecretKey}"))}";
        return new B2StandIn(
            await StubServer.StartAsync(
                async context =>
                {
                    if (
                        context.Request.Path != "/b2api/v3/b2_authorize_account"
                        || context.Request.Headers.Authorization != expected
                    )
                    {
                        context.Response.StatusCode = 401;
                        await context.Response.WriteAsJsonAsync(
                            new
                            {
                                status = 401,
                                code = "bad_auth_token",
                                message = "The applicationKeyId and/or the applicationKey are wrong.",
                            }
                        );
                        return;
                    }

                    await context.Response.WriteAsJsonAsync(
                        new { apiInfo = new { storageApi = new { s3ApiUrl = s3.Url } } }
                    );
                },
                certificate,
                cancellationToken
            )
        );
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
