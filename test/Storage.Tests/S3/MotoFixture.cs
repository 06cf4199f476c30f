using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Storage.Tests.S3;

/// <summary>A plain S3 server for a class of tests.</summary>
public class MotoFixture : IAsyncLifetime
{
    public MotoServer Server { get; private set; } = null!; // set before any test runs

    public virtual async ValueTask InitializeAsync() => Server = await StartAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Server.DisposeAsync();
    }

    protected virtual Task<MotoServer> StartAsync() =>
        MotoServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
}

/// <summary>An S3 server with TLS by an authority of its own, which checks signatures.</summary>
public sealed class StrictMotoFixture : MotoFixture
{
    private readonly TempDirectory _folder = new();

    public string CaCertificate { get; private set; } = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Server.RequireSignaturesAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override Task<MotoServer> StartAsync()
    {
        var certificates = new TestCertificates(_folder.Path);
        CaCertificate = certificates.CaPem;
        return MotoServer.StartAsync(
            certificate: certificates.Issue("s3", "127.0.0.1"),
            cancellationToken: TestContext.Current.CancellationToken
        );
    }
}
