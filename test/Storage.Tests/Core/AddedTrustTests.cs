using Granary.Storage.Http;
using Granary.Storage.Rest;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Storage.Tests.Core;

/// <summary>Which servers an authority of one's own makes trusted.</summary>
public sealed class AddedTrustTests : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly TempDirectory _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(true, ServerAuthentication)]
    [InlineData(true, ClientAuthentication, ServerAuthentication)]
    [InlineData(false, ClientAuthentication)]
    public async Task A_certificate_that_the_authority_gave_to_a_client_makes_no_server(
        bool accepted,
        params string[] usages
    )
    {
        var certificates = new TestCertificates(_folder.Path);
        using var served = new TempDirectory();
        await using var server = await RestServer.StartAsync(
            served.Path,
            certificate: certificates.IssueFor("server", usages, "127.0.0.1"),
            cancellationToken: Cancel
        );
        await using var backend = RestBackend.Create(
            new RestOptions
            {
                Url = server.Url,
                Transport = new TransportOptions { CaCertificate = certificates.CaPem },
            },
            TimeProvider.System
        );

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.Equal(accepted ? StorageError.NotFound : StorageError.Invalid, error.Error);
    }
}
