using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Storage.Tests.Rest;

/// <summary>restic's REST server with TLS by an authority of its own and one user.</summary>
public sealed class RestFixture : IAsyncLifetime
{
    public const string User = "backup@demo";
    public const string Password = "p@ss:wörd/1";
    private RestServer? _server;

    public TempDirectory Folder { get; } = new();

    public TempDirectory Keys { get; } = new();

    public string Url => _server?.Url ?? throw new InvalidOperationException("The server was not started.");

    public string CaCertificate { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var certificates = new TestCertificates(Keys.Path);
        CaCertificate = certificates.CaPem;
        _server = await RestServer.StartAsync(
            Folder.Path,
            (User, Password),
            certificate: certificates.Issue("rest", "127.0.0.1"),
            cancellationToken: TestContext.Current.CancellationToken
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            await server.DisposeAsync();
        }

        Folder.Dispose();
        Keys.Dispose();
    }
}
