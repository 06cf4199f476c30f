namespace Granary.TestSupport.Servers;

/// <summary>A Prometheus Pushgateway on loopback.</summary>
public sealed class PushgatewayServer : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private PushgatewayServer(ServerProcess process, string url)
    {
        _process = process;
        Url = url;
    }

    /// <summary>The base address, without <c>/metrics</c>.</summary>
    public string Url { get; }

    /// <summary>Starts a Pushgateway.</summary>
    public static async Task<PushgatewayServer> StartAsync(
        string address = "127.0.0.1",
        int port = 0,
        CancellationToken cancellationToken = default
    )
    {
        port = port == 0 ? FreePort.Next(address) : port;
        string url = $"http://{address}:{port}";
        ServerProcess process = await ServerProcess.StartAsync(
            RepositoryRoot.Tool("prometheus-pushgateway"),
            [$"--web.listen-address={address}:{port}"],
            () => Http.SucceedsAsync($"{url}/-/ready"),
            cancellationToken: cancellationToken
        );
        return new PushgatewayServer(process, url);
    }

    /// <summary>What Prometheus would scrape.</summary>
    public async Task<string> MetricsAsync(CancellationToken cancellationToken = default)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri($"{Url}/metrics"), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

/// <summary>An Azure blob server (Azurite) on loopback, in memory.</summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    /// <summary>The account that the server knows.</summary>
    public const string Account = "granarytest";

    private readonly ServerProcess _process;

    private AzuriteServer(ServerProcess process, string url)
    {
        _process = process;
        Url = url;
    }

    /// <summary>The account's address, for example <c>http://127.0.0.1:10000/granarytest</c>.</summary>
    public string Url { get; }

    /// <summary>The account's shared key, base64.</summary>
    public static string Key { get; } = Convert.ToBase64String([.. Enumerable.Repeat((byte)'k', 64)]);

    /// <summary>Starts Azurite.</summary>
    public static async Task<AzuriteServer> StartAsync(
        (string Certificate, string Key)? certificate = null,
        CancellationToken cancellationToken = default
    )
    {
        int port = FreePort.Next();
        string scheme = certificate is null ? "http" : "https";
        string[] tls = certificate is { } files ? ["--cert", files.Certificate, "--key", files.Key] : [];
        ServerProcess process = await ServerProcess.StartAsync(
            RepositoryRoot.Tool("azurite-blob"),
            [
                "--silent",
                "--skipApiVersionCheck",
                "--disableTelemetry",
                "--inMemoryPersistence",
                "--blobHost",
                "127.0.0.1",
                "--blobPort",
                $"{port}",
                .. tls,
            ],
            () => Http.AnswersAsync($"{scheme}://127.0.0.1:{port}/"),
            new Dictionary<string, string> { ["AZURITE_ACCOUNTS"] = $"{Account}:{Key}" },
            cancellationToken
        );
        return new AzuriteServer(process, $"{scheme}://127.0.0.1:{port}/{Account}");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

/// <summary>restic's REST server on loopback.</summary>
public sealed class RestServer : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private RestServer(ServerProcess process, string url)
    {
        _process = process;
        Url = url;
    }

    /// <summary>The base address with a trailing slash, without credentials.</summary>
    public string Url { get; }

    /// <summary>Starts a server on a folder.</summary>
    /// <param name="folder">Where the server keeps its files.</param>
    /// <param name="user">User and password to require, or null for none.</param>
    /// <param name="appendOnly">Whether deleting is refused.</param>
    /// <param name="certificate">Certificate and key files for TLS.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<RestServer> StartAsync(
        string folder,
        (string Name, string Password)? user = null,
        bool appendOnly = false,
        (string Certificate, string Key)? certificate = null,
        CancellationToken cancellationToken = default
    )
    {
        int port = FreePort.Next();
        string scheme = certificate is null ? "http" : "https";
        List<string> arguments = ["--listen", $"127.0.0.1:{port}", "--path", folder];
        if (user is { } account)
        {
#pragma warning disable CA5350 // rest-server reads .htpasswd files with {SHA}, which is SHA-1.
            string hash = Convert.ToBase64String(
                System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.UTF8.GetBytes(account.Password))
            );
#pragma warning restore CA5350
            await File.WriteAllTextAsync(
                Path.Combine(folder, ".htpasswd"),
                $"{account.Name}:{{SHA}}{hash}\n",
                cancellationToken
            );
        }
        else
        {
            arguments.Add("--no-auth");
        }

        if (appendOnly)
        {
            arguments.Add("--append-only");
        }

        if (certificate is { } files)
        {
            arguments.AddRange(["--tls", "--tls-cert", files.Certificate, "--tls-key", files.Key]);
        }

        ServerProcess process = await ServerProcess.StartAsync(
            RepositoryRoot.Tool("restic-rest-server"),
            arguments,
            () => Http.AnswersAsync($"{scheme}://127.0.0.1:{port}/"),
            cancellationToken: cancellationToken
        );
        return new RestServer(process, $"{scheme}://127.0.0.1:{port}/");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
