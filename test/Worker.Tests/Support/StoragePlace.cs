using Granary.Access;
using Granary.Storage;
using Granary.Storage.Azure;
using Granary.Storage.B2;
using Granary.Storage.Gcs;
using Granary.Storage.Http;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;

namespace Granary.Worker.Tests.Support;

/// <summary>A store of one provider, started for a test, and how the worker and restic are led to it.</summary>
internal sealed class StoragePlace : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _servers = new();

    private StoragePlace(string repository) => Repository = repository;

    public string Repository { get; private set; }

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>
    /// Makes the backend where a location cannot name the server. A process is led there by a proxy among the
    /// variables.
    /// </summary>
    public Func<BackendSettings, IBackend>? Provider { get; private set; }

    /// <summary>
    /// Whether restic can be led to the same server. Debian's has no Azure, and the others' addresses are fixed in it.
    /// </summary>
    public bool ServesRestic { get; private set; } = true;

    public static async Task<StoragePlace> StartAsync(
        string provider,
        TempDirectory folder,
        CancellationToken cancellationToken
    )
    {
        var place = new StoragePlace(folder["repo"]);
        await (
            provider switch
            {
                "local" => Task.CompletedTask,
                "s3" => place.StartS3Async(cancellationToken),
                "azure" => place.StartAzureAsync(folder, cancellationToken),
                "rest" => place.StartRestAsync(folder, appendOnly: false, cancellationToken),
                "rest-append-only" => place.StartRestAsync(folder, appendOnly: true, cancellationToken),
                "gcs" => place.StartGcsAsync(folder),
                "b2" => place.StartB2Async(folder, cancellationToken),
                "swift" => place.StartSwiftAsync(cancellationToken),
                "swift-keystone" => place.StartKeystoneAsync(),
                _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, "No such provider."),
            }
        );
        return place;
    }

    public async ValueTask DisposeAsync()
    {
        while (_servers.TryPop(out var server))
        {
            await server.DisposeAsync();
        }
    }

    private T Keep<T>(T server)
        where T : IAsyncDisposable
    {
        _servers.Push(server);
        return server;
    }

    // The names of these services are fixed. Only processes read the variable, and only those of the place's own
    // servers' names go through.
    private void Lead(string name, string url)
    {
        Variables["HTTPS_PROXY"] = Keep(TunnelProxy.Start((name, url))).Url;
        Variables["NO_PROXY"] = "127.0.0.1";
    }

    private async Task StartS3Async(CancellationToken cancellationToken)
    {
        var server = Keep(await MotoServer.StartAsync(cancellationToken: cancellationToken));
        await server.RequireSignaturesAsync();
        Repository = $"s3:{server.Url}/backups/demo/shop";
        Variables["AWS_ACCESS_KEY_ID"] = server.AccessKey;
        Variables["AWS_SECRET_ACCESS_KEY"] = server.SecretKey;
    }

    private async Task StartAzureAsync(TempDirectory folder, CancellationToken cancellationToken)
    {
        var certificates = new TestCertificates(folder.Path);
        var server = Keep(
            await AzuriteServer.StartAsync(
                certificates.Issue("azure", "127.0.0.1", $"{AzuriteServer.Account}.blob.core.windows.net"),
                cancellationToken
            )
        );
        Lead($"{AzuriteServer.Account}.blob.core.windows.net", server.Url);
        Repository = "azure:backups:/demo/shop";
        Variables["AZURE_ACCOUNT_NAME"] = AzuriteServer.Account;
        Variables["AZURE_ACCOUNT_KEY"] = AzuriteServer.Key;
        Variables["CA_CERT_DATA"] = certificates.CaPem;
        ServesRestic = false;
        Provider = settings =>
            AzureBackend.Create(
                new AzureOptions
                {
                    Container = settings.Location.Bucket,
                    Prefix = settings.Location.Prefix,
                    AccountName = settings.Credentials.Required("AZURE_ACCOUNT_NAME").Reveal(),
                    AccountKey = settings.Credentials["AZURE_ACCOUNT_KEY"],
                    Endpoint = server.Url,
                    Transport = new TransportOptions { CaCertificate = settings.Credentials.Text("CA_CERT_DATA") },
                },
                TimeProvider.System
            );
    }

    private async Task StartRestAsync(TempDirectory folder, bool appendOnly, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder["served"]);
        var certificates = new TestCertificates(folder.Path);
        var server = Keep(
            await RestServer.StartAsync(
                folder["served"],
                ("backup@demo", "p@ss:wörd/1"),
                appendOnly,
                certificates.Issue("rest", "127.0.0.1"),
                cancellationToken
            )
        );
        Repository = $"rest:{server.Url}demo/shop/";

        // The names of Stash's Secrets, and those that restic reads.
        foreach (var prefix in new[] { "REST_SERVER", "RESTIC_REST" })
        {
            Variables[$"{prefix}_USERNAME"] = "backup@demo";
            Variables[$"{prefix}_PASSWORD"] = "p@ss:wörd/1";
        }

        Variables["RESTIC_CACERT"] = certificates.CaFile;
    }

    private async Task StartGcsAsync(TempDirectory folder)
    {
        var certificates = new TestCertificates(folder.Path);
        var server = Keep(
            new GcsStandIn { Certificate = certificates.Issue("gcs", "127.0.0.1", "storage.googleapis.com") }
        );
        await server.InitializeAsync();
        Lead("storage.googleapis.com", server.Url);
        Variables["CA_CERT_DATA"] = certificates.CaPem;
        Repository = "gs:backups:/demo/shop";
        Variables["GOOGLE_PROJECT_ID"] = "demo";
        Variables["GOOGLE_SERVICE_ACCOUNT_JSON_KEY"] = server.ServiceAccountKey;
        ServesRestic = false;
        Provider = settings =>
            GcsBackend.Create(
                new GcsOptions
                {
                    Bucket = settings.Location.Bucket,
                    Prefix = settings.Location.Prefix,
                    ProjectId = settings.Credentials.Text("GOOGLE_PROJECT_ID"),
                    ServiceAccountKey = settings.Credentials["GOOGLE_SERVICE_ACCOUNT_JSON_KEY"],
                    Endpoint = server.Url,
                    Transport = new TransportOptions { CaCertificate = settings.Credentials.Text("CA_CERT_DATA") },
                },
                TimeProvider.System
            );
    }

    private async Task StartB2Async(TempDirectory folder, CancellationToken cancellationToken)
    {
        var certificates = new TestCertificates(folder.Path);
        var s3 = Keep(await MotoServer.StartAsync(cancellationToken: cancellationToken));
        var server = Keep(
            await B2StandIn.StartAsync(
                s3,
                certificates.Issue("b2", "127.0.0.1", "api.backblazeb2.com"),
                cancellationToken
            )
        );
        Lead("api.backblazeb2.com", server.Url);
        Variables["CA_CERT_DATA"] = certificates.CaPem;
        Repository = "b2:backups:/demo/shop";
        Variables["B2_ACCOUNT_ID"] = s3.AccessKey;
        Variables["B2_ACCOUNT_KEY"] = s3.SecretKey;
        ServesRestic = false;
        Provider = settings =>
            B2Backend.Create(
                new B2Options
                {
                    Bucket = settings.Location.Bucket,
                    Prefix = settings.Location.Prefix,
                    AccountId = settings.Credentials.Required("B2_ACCOUNT_ID"),
                    AccountKey = settings.Credentials.Required("B2_ACCOUNT_KEY"),
                    AuthorizationEndpoint = server.Url,
                    Transport = new TransportOptions { CaCertificate = settings.Credentials.Text("CA_CERT_DATA") },
                },
                TimeProvider.System
            );
    }

    private async Task StartSwiftAsync(CancellationToken cancellationToken)
    {
        var server = Keep(await SwiftServer.StartAsync(cancellationToken));
        Repository = "swift:backups:/demo/shop";
        Variables["ST_AUTH"] = server.AuthUrl;
        Variables["ST_USER"] = SwiftServer.User;
        Variables["ST_KEY"] = SwiftServer.Key;
    }

    private async Task StartKeystoneAsync()
    {
        var server = Keep(new SwiftStandIn());
        await server.InitializeAsync();
        Repository = "swift:backups:/demo/shop";
        Variables["OS_AUTH_URL"] = $"{server.Url}/identity/v3";
        Variables["OS_REGION_NAME"] = "north";
        Variables["OS_USERNAME"] = "backup";
        Variables["OS_PASSWORD"] = SwiftStandIn.Password;
        Variables["OS_PROJECT_NAME"] = "demo";
        Variables["OS_USER_DOMAIN_NAME"] = "Default";
    }
}
