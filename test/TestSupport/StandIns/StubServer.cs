using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Granary.TestSupport.StandIns;

/// <summary>
/// A web server in the test's process that does what one delegate says: the peer that misbehaves on purpose.
/// </summary>
public sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private StubServer(WebApplication application)
    {
        _application = application;
        Url = application.Urls.Single();
    }

    /// <summary>The base address, without a slash at its end.</summary>
    public string Url { get; }

    /// <summary>Starts it without TLS.</summary>
    public static Task<StubServer> StartAsync(RequestDelegate handle, CancellationToken cancellationToken = default) =>
        StartAsync(handle, null, cancellationToken);

    /// <summary>Starts it.</summary>
    /// <param name="handle">Answers each request.</param>
    /// <param name="certificate">Certificate and key files for TLS, or null for plain HTTP.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<StubServer> StartAsync(
        RequestDelegate handle,
        (string Certificate, string Key)? certificate,
        CancellationToken cancellationToken = default
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is { } files)
                {
                    listen.UseHttps(X509Certificate2.CreateFromPemFile(files.Certificate, files.Key));
                }
            });
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        var application = builder.Build();
        application.Run(handle);
        await application.StartAsync(cancellationToken);
        return new StubServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        // Requests that are stuck on purpose must not be waited for.
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}
