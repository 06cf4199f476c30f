namespace Granary.TestSupport.Servers;

/// <summary>
/// OpenStack's Swift on loopback: proxy, account, container and object server with one device, and the sign-in of
/// version 1 (TempAuth).
/// </summary>
public sealed class SwiftServer : IAsyncDisposable
{
    /// <summary>The account and user that the server knows.</summary>
    public const string User = "demo:backup";

    /// <summary>The user's key.</summary>
    public const string Key = "key-of-the-test";

    private const int ProxyPort = 8080;
    private const int CachePort = 11211;

    // Ports as in Swift's own examples; the address is this server's alone.
    private static readonly (string Name, int Port)[] Storage =
    [
        ("account", 6202),
        ("container", 6201),
        ("object", 6200),
    ];

    private readonly TempDirectory _folder = new();
    private readonly string _address = FreePort.NextAddress();
    private readonly List<ServerProcess> _processes = [];

    private SwiftServer() { }

    /// <summary>Where one signs in (<c>ST_AUTH</c>).</summary>
    public string AuthUrl => $"{Url}/auth/v1.0";

    private string Url => $"http://{_address}:{ProxyPort}";

    private string Settings => _folder["etc"];

    /// <summary>Starts the servers.</summary>
    public static async Task<SwiftServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new SwiftServer();
        try
        {
            await server.WriteSettingsAsync(cancellationToken);
            await server.MakeRingsAsync(cancellationToken);
            server._processes.Add(
                await ServerProcess.StartAsync(
                    RepositoryRoot.Tool("memcached"),
                    ["-u", "root", "-l", server._address, "-p", $"{CachePort}", "-m", "8"],
                    cancellationToken: cancellationToken
                )
            );
            server._processes.AddRange(
                await Task.WhenAll(
                    Storage.Select(each => server.StartPartAsync(each.Name, each.Port, cancellationToken))
                )
            );
            server._processes.Add(await server.StartPartAsync("proxy", ProxyPort, cancellationToken));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stores an object as another program would.</summary>
    public async Task PutAsync(
        string container,
        string name,
        byte[] content,
        CancellationToken cancellationToken = default
    )
    {
        using var client = new HttpClient();
        using var signIn = new HttpRequestMessage(HttpMethod.Get, AuthUrl)
        {
            Headers = { { "X-Auth-User", User }, { "X-Auth-Key", Key } },
        };
        using var session = (await client.SendAsync(signIn, cancellationToken)).EnsureSuccessStatusCode();
        var storage = session.Headers.GetValues("X-Storage-Url").Single();
        using var put = new HttpRequestMessage(HttpMethod.Put, $"{storage}/{Uri.EscapeDataString(container)}/{name}")
        {
            Content = new ByteArrayContent(content),
        };
        put.Headers.Add("X-Auth-Token", session.Headers.GetValues("X-Auth-Token").Single());
        using var stored = (await client.SendAsync(put, cancellationToken)).EnsureSuccessStatusCode();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private Task<ServerProcess> StartPartAsync(string name, int port, CancellationToken cancellationToken) =>
        ServerProcess.StartAsync(
            RepositoryRoot.Tool("swift-python"),
            [RepositoryRoot.Tool($"swift-{name}-server"), $"{Settings}/{name}-server.conf"],
            () => Http.AnswersAsync($"http://{_address}:{port}/healthcheck"),
            cancellationToken: cancellationToken
        );

    private async Task WriteSettingsAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Settings);
        Directory.CreateDirectory(_folder["devices/one"]);
        await WriteAsync(
            "swift.conf",
            """
            [swift-hash]
            swift_hash_path_prefix = granary
            swift_hash_path_suffix = tests
            [storage-policy:0]
            name = only
            default = yes
            """
        );
        foreach (var (name, port) in Storage)
        {
            await WriteAsync(
                $"{name}-server.conf",
                $"""
                {Common(port)}
                devices = {_folder["devices"]}
                mount_check = false
                fallocate_reserve = 0
                disable_fallocate = true
                [pipeline:main]
                pipeline = {name}-server
                [app:{name}-server]
                use = egg:swift#{name}
                """
            );
        }

        await WriteAsync(
            "proxy-server.conf",
            $"""
            {Common(ProxyPort)}
            [pipeline:main]
            pipeline = catch_errors healthcheck cache tempauth proxy-server
            [app:proxy-server]
            use = egg:swift#proxy
            account_autocreate = true
            [filter:catch_errors]
            use = egg:swift#catch_errors
            [filter:healthcheck]
            use = egg:swift#healthcheck
            [filter:cache]
            use = egg:swift#memcache
            memcache_servers = {_address}:{CachePort}
            [filter:tempauth]
            use = egg:swift#tempauth
            user_{User.Replace(':', '_')} = {Key} .admin
            """
        );

        Task WriteAsync(string name, string text) =>
            File.WriteAllTextAsync(Path.Combine(Settings, name), text, cancellationToken);

        string Common(int port) =>
            $"""
                [DEFAULT]
                bind_ip = {_address}
                bind_port = {port}
                user = {Environment.UserName}
                swift_dir = {Settings}
                workers = 0
                """;
    }

    /// <summary>
    /// Which device has which part of the names: there is only one. Swift's own builder writes it down.
    /// </summary>
    private async Task MakeRingsAsync(CancellationToken cancellationToken)
    {
        const string Script = """
            import sys
            from swift.common.ring import RingBuilder
            folder, address = sys.argv[1:3]
            for name, port in (each.split('=') for each in sys.argv[3:]):
                ring = RingBuilder(4, 1, 0)
                ring.add_dev({'region': 1, 'zone': 1, 'ip': address, 'port': int(port), 'device': 'one', 'weight': 1})
                ring.rebalance()
                ring.get_ring().save(f'{folder}/{name}.ring.gz')
            """;
        (
            await CommandLine.RunAsync(
                RepositoryRoot.Tool("swift-python"),
                ["-c", Script, Settings, _address, .. Storage.Select(each => $"{each.Name}={each.Port}")],
                cancellationToken: cancellationToken
            )
        ).Succeeded();
    }
}
