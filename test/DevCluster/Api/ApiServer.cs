using System.Net;
using System.Security.Cryptography;
using System.Text;
using Granary.DevCluster.Api.Authentication;
using Granary.DevCluster.Api.Storage;
using k8s;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Granary.DevCluster.Api;

/// <summary>
/// The API server of a small Kubernetes: everything in memory, one process, TLS with an authority of its own.
/// It serves kubectl and KubernetesClient; controllers and node agents are clients like any other.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly ServerCertificates _certificates;
    private readonly ApiComposition _parts;
    private readonly CancellationTokenSource _lifetime;

    private ApiServer(
        WebApplication app,
        ServerCertificates certificates,
        ApiComposition parts,
        CancellationTokenSource lifetime
    )
    {
        _app = app;
        _certificates = certificates;
        _parts = parts;
        _lifetime = lifetime;
        Address = parts.Address!;
    }

    /// <summary>Where it listens, e.g. <c>https://127.0.0.1:41234</c>.</summary>
    public Uri Address { get; }

    /// <summary>Bearer token of the user <c>admin</c>, who may do everything.</summary>
    public string AdminToken => _parts.AdminToken;

    /// <summary>The authority's certificate, PEM.</summary>
    public byte[] CaCertificatePem => Encoding.ASCII.GetBytes(_certificates.AuthorityPem);

    /// <summary>Starts a server; it accepts requests when the task completes.</summary>
    public static async Task<ApiServer> StartAsync(
        ApiServerOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var certificates = ServerCertificates.Make(options.Address);
        var lifetime = new CancellationTokenSource();
        var token = options.AdminToken ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var parts = new ApiComposition(options, certificates.AuthorityPem, token, lifetime.Token);
        var app = Build(options, certificates);
        app.Run(parts.Router.HandleAsync);
        await app.StartAsync(cancellationToken);
        parts.Address = new Uri(app.Urls.First());
        parts.Begin();
        return new ApiServer(app, certificates, parts, lifetime);
    }

    /// <summary>Writes a kubeconfig for a user, and returns its path.</summary>
    /// <param name="token">Whose token; the administrator's when null.</param>
    /// <param name="defaultNamespace">Namespace of commands that name none.</param>
    public string WriteKubeconfig(string path, string? token = null, string defaultNamespace = "default")
    {
        var user = token is null ? "admin" : "user";
        File.WriteAllText(
            path,
            Kubeconfig.Make(Address, _certificates.AuthorityPem, user, token ?? AdminToken, defaultNamespace)
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    /// <summary>A client of the administrator. The caller disposes it.</summary>
    public IKubernetes CreateAdminClient() => CreateClient(AdminToken);

    /// <summary>A client of whoever has the token. The caller disposes it.</summary>
    public IKubernetes CreateClient(string token) => new Kubernetes(CreateClientConfiguration(token));

    /// <summary>The configuration of such a client.</summary>
    public KubernetesClientConfiguration CreateClientConfiguration(string? token = null) =>
        new()
        {
            Host = Address.GetLeftPart(UriPartial.Authority),
            AccessToken = token ?? AdminToken,
            SslCaCerts =
            [
                System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(
                    _certificates.AuthorityPem
                ),
            ],
        };

    /// <summary>A token of a service account, good for an hour.</summary>
    /// <exception cref="InvalidOperationException">There is no such service account.</exception>
    public Task<string> CreateTokenAsync(string ns, string serviceAccount)
    {
        var account = _parts.Core.Store.Get("serviceaccounts", ns, serviceAccount)
            ?? throw new InvalidOperationException($"there is no service account {ns}/{serviceAccount}");
        var expires = _parts.Core.Clock.GetUtcNow().AddHours(1);
        return Task.FromResult(_parts.Tokens.Issue(account, [TokenIssuer.Issuer], expires, pod: null));
    }

    /// <summary>Forgets the history of a resource, so that watches and lists of the past meet 410 Expired.</summary>
    /// <param name="resource">Plural with group, e.g. <c>configmaps</c> or <c>jobs.batch</c>.</param>
    public void ForgetHistory(string resource) => _parts.Core.Store.Compact(resource);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _lifetime.CancelAsync();
        using var limit = new CancellationTokenSource(StopLimit);
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
        _parts.Dispose();
        _certificates.Dispose();
        _lifetime.Dispose();
    }

    private static WebApplication Build(ApiServerOptions options, ServerCertificates certificates)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(options.Address, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificates.Server);
            });
        });
        if (options.Logging is { } logging)
        {
            builder.Services.AddSingleton(logging);
        }

        return builder.Build();
    }
}
