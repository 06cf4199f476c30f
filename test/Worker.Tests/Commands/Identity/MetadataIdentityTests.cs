using System.Collections.Concurrent;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Granary.Worker.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Granary.Worker.Tests.Commands.Identity;

/// <summary>The built program without a key, as in a Pod of GKE: the node's metadata server gives it tokens.</summary>
public sealed class MetadataIdentityTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_pods_identity_opens_the_bucket()
    {
        var certificates = new TestCertificates(_folder.Path);
        await using var gcs = new GcsStandIn
        {
            Certificate = certificates.Issue("gcs", "127.0.0.1", "storage.googleapis.com"),
        };
        await gcs.InitializeAsync();
        await using var tunnel = TunnelProxy.Start(("storage.googleapis.com", gcs.Url));
        var asked = new ConcurrentQueue<string>();
        await using var metadata = await StubServer.StartAsync(
            async context =>
            {
                asked.Enqueue(context.Request.Path);
                context.Response.Headers["Metadata-Flavor"] = "Google";
                if (context.Request.Path.Value!.EndsWith("/token", StringComparison.Ordinal))
                {
                    await context.Response.WriteAsJsonAsync(
                        new
                        {
                            access_token = gcs.Token,
                            token_type = "Bearer",
                            expires_in = 3600,
                        },
                        Token
                    );
                }
                else if (context.Request.Path.Value.EndsWith("universe-domain", StringComparison.Ordinal))
                {
                    await context.Response.WriteAsync("googleapis.com", Token);
                }
            },
            Token
        );
        var variables = new Dictionary<string, string>
        {
            ["RESTIC_REPOSITORY"] = "gs:backups:/shop",
            ["RESTIC_PASSWORD"] = "password-of-the-test",
            ["GOOGLE_PROJECT_ID"] = "demo",
            ["CA_CERT_DATA"] = certificates.CaPem,
            ["HTTPS_PROXY"] = tunnel.Url,
            ["NO_PROXY"] = "127.0.0.1",
            ["GCE_METADATA_HOST"] = new Uri(metadata.Url).Authority,
            ["HOME"] = _folder.Path,
        };

        var result = await BuiltProgram.RunAsync(["init"], variables);

        result.Succeeded();
        Assert.True(gcs.Bucket("backups").Contains("shop/config"));
        Assert.Contains("/computeMetadata/v1/instance/service-accounts/default/token", asked);
    }
}
