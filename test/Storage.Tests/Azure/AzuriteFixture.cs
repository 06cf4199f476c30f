using Granary.Storage.Azure;
using Granary.Storage.Http;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Storage.Tests.Azure;

/// <summary>An Azure blob server with TLS by an authority of its own.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private AzuriteServer? _server;

    public string Url => _server?.Url ?? throw new InvalidOperationException("The server was not started.");

    public string CaCertificate { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var certificates = new TestCertificates(_folder.Path);
        CaCertificate = certificates.CaPem;
        _server = await AzuriteServer.StartAsync(
            certificates.Issue("azure", "127.0.0.1"),
            TestContext.Current.CancellationToken
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
    }

    public AzureOptions OptionsFor(string container) =>
        new()
        {
            Container = container,
            AccountName = AzuriteServer.Account,
            AccountKey = new Secret(AzuriteServer.Key),
            Endpoint = Url,
            SingleUploadLimit = ByteSize.FromMebibytes(6),
            BlockSize = ByteSize.FromMebibytes(4),
            ListPageSize = 100,
            Transport = new TransportOptions { CaCertificate = CaCertificate },
        };
}
