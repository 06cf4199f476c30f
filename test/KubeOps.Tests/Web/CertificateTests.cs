using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeOps.Operator.Web.Certificates;

namespace KubeOps.Tests.Web;

public sealed class CertificateTests
{
    [Fact]
    public void The_server_certificate_is_signed_by_the_root_for_the_service()
    {
        using var generator = new CertificateGenerator("granary", "backup");
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(generator.Root.Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;

        Assert.True(chain.Build(generator.Server.Certificate));
        Assert.True(generator.Server.Certificate.MatchesHostname("granary.backup.svc"));
        Assert.True(generator.Server.Certificate.MatchesHostname("other.backup.svc"));
        Assert.False(generator.Server.Certificate.MatchesHostname("granary"));
        Assert.IsAssignableFrom<ECDsa>(generator.Server.Key);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task It_serves_tls_by_name_and_by_address(string host)
    {
        using var generator = new CertificateGenerator(host);
        using var certificate = generator.Server.CopyServerCertWithPrivateKey();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var token = TestContext.Current.CancellationToken;
        var serving = ServeAsync(listener, certificate, token);

        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, token);
        await using var tls = new SslStream(client.GetStream());
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(generator.Root.Certificate);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy },
            token
        );

        Assert.True(tls.IsAuthenticated);
        await serving;
    }

    [Fact]
    public void Keys_and_certificates_are_handed_on_as_pem()
    {
        using var generator = new CertificateGenerator("a", "b");

        Assert.StartsWith(
            "-----BEGIN CERTIFICATE-----",
            generator.Root.Certificate.EncodeToPem(),
            StringComparison.Ordinal
        );
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", generator.Root.Key.EncodeToPem(), StringComparison.Ordinal);
    }

    private static async Task ServeAsync(
        TcpListener listener,
        X509Certificate2 certificate,
        CancellationToken cancellationToken
    )
    {
        using var connection = await listener.AcceptTcpClientAsync(cancellationToken);
        await using var tls = new SslStream(connection.GetStream());
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate },
            cancellationToken
        );
    }
}
