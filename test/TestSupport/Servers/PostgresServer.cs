using Npgsql;

namespace Granary.TestSupport.Servers;

/// <summary>
/// A throw-away PostgreSQL server on loopback with TLS, scram passwords and its own certificate authority.
/// </summary>
/// <remarks>
/// The server refuses to run as root, so it runs as <c>nobody</c> then; durability is off, nothing here survives.
/// </remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The superuser's name.</summary>
    public const string User = "postgres";

    private readonly TempDirectory _folder = new();
    private readonly PostgresServerOptions _options;

    private PostgresServer(PostgresServerOptions options)
    {
        _options = options;
        Address = options.Address;
        Port = options.Port == 0 ? FreePort.Next(options.Address) : options.Port;
        Certificates = new TestCertificates(_folder.Path);
    }

    /// <summary>The majors that <c>make tools</c> installs with clients.</summary>
    public static IReadOnlyList<int> Majors { get; } = [15, 17, 18];

    /// <summary>Where the server listens.</summary>
    public string Address { get; }

    /// <summary>The port it listens on.</summary>
    public int Port { get; }

    /// <summary>The superuser's password.</summary>
    public string Password => _options.Password;

    /// <summary>The authority that signed the server's certificate.</summary>
    public TestCertificates Certificates { get; }

    /// <summary>The folder of the server's own client programs.</summary>
    public string BinaryFolder => BinariesOf(_options.Major);

    /// <summary>The folder that holds <c>psql</c>, <c>pg_dump</c> … of a major.</summary>
    public static string BinariesOf(int major) => Path.Combine(RepositoryRoot.Tools, "pg", $"{major}", "bin");

    /// <summary>Makes a cluster and starts it.</summary>
    public static async Task<PostgresServer> StartAsync(
        PostgresServerOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var server = new PostgresServer(options ?? new PostgresServerOptions());
        try
        {
            await server.InitializeAsync(cancellationToken);
            await server.ControlAsync(
                ["-l", server._folder["server.log"], "-w", "-t", "120", "start"],
                cancellationToken
            );
            return server;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            string log = File.Exists(server._folder["server.log"])
                ? await File.ReadAllTextAsync(server._folder["server.log"], CancellationToken.None)
                : "";
            await server.DisposeAsync();
            throw new InvalidOperationException(
                $"PostgreSQL {server._options.Major} did not start: {e.Message}\n{log}",
                e
            );
        }
    }

    /// <summary>A connection string for Npgsql that verifies the server's certificate.</summary>
    public string ConnectionString(string database = "postgres") =>
        new NpgsqlConnectionStringBuilder
        {
            Host = Address,
            Port = Port,
            Username = User,
            Password = Password,
            Database = database,
            SslMode = SslMode.VerifyFull,
            RootCertificate = Certificates.CaFile,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Pooling = false,
            CommandTimeout = 300,
        }.ConnectionString;

    /// <summary>Environment for libpq programs that should reach this server as the superuser.</summary>
    public Dictionary<string, string> ClientEnvironment(string database = "postgres") =>
        new()
        {
            ["PGHOST"] = Address,
            ["PGPORT"] = $"{Port}",
            ["PGUSER"] = User,
            ["PGPASSWORD"] = Password,
            ["PGDATABASE"] = database,
            ["PGSSLMODE"] = "verify-full",
            ["PGSSLROOTCERT"] = Certificates.CaFile,
            ["PGGSSENCMODE"] = "disable",
        };

    /// <summary>Runs SQL, several statements at will.</summary>
    public async Task ExecuteAsync(
        string sql,
        string database = "postgres",
        CancellationToken cancellationToken = default
    )
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database));
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs a query and answers its first column as text.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(
        string sql,
        string database = "postgres",
        CancellationToken cancellationToken = default
    )
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database));
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        var values = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            values.Add(await reader.IsDBNullAsync(0, cancellationToken) ? "" : reader.GetValue(0).ToString() ?? "");
        }

        return values;
    }

    /// <summary>Runs a client program of the server's own major as the superuser.</summary>
    public Task<CommandResult> RunAsync(
        string program,
        string[] arguments,
        string database = "postgres",
        Stream? input = null,
        Stream? output = null,
        CancellationToken cancellationToken = default
    ) =>
        CommandLine.RunAsync(
            Path.Combine(BinaryFolder, program),
            arguments,
            ClientEnvironment(database),
            input,
            output,
            cancellationToken: cancellationToken
        );

    /// <summary>Stops the server at once, as a crash would; <see cref="StartAgainAsync"/> brings it back.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) =>
        ControlAsync(["-m", "immediate", "-w", "stop"], cancellationToken);

    /// <summary>Starts a stopped server on the same data.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) =>
        ControlAsync(["-l", _folder["server.log"], "-w", "-t", "120", "start"], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(_folder["data"], "postmaster.pid")))
        {
            await AsServerUserAsync(
                "pg_ctl",
                ["-D", _folder["data"], "-m", "immediate", "-w", "stop"],
                CancellationToken.None
            );
        }

        _folder.Dispose();
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder["sock"]);
        await File.WriteAllTextAsync(_folder["pw"], Password, cancellationToken);
        Certificates.Issue("server", ["localhost", Address, .. _options.HostNames]);
        if (Environment.IsPrivilegedProcess)
        {
            (
                await CommandLine.RunAsync(
                    "chown",
                    ["-R", "nobody:nogroup", _folder.Path],
                    cancellationToken: cancellationToken
                )
            ).Succeeded();
        }

        (
            await AsServerUserAsync(
                "initdb",
                [
                    "-D",
                    _folder["data"],
                    "-U",
                    User,
                    $"--pwfile={_folder["pw"]}",
                    "--auth=scram-sha-256",
                    "--no-sync",
                    "--no-instructions",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                ],
                cancellationToken
            )
        ).Succeeded();
        await File.AppendAllTextAsync(
            Path.Combine(_folder["data"], "postgresql.conf"),
            $"""

            listen_addresses = '{Address}'
            port = {Port}
            unix_socket_directories = '{_folder["sock"]}'
            ssl = on
            ssl_cert_file = '{_folder["server.crt"]}'
            ssl_key_file = '{_folder["server.key"]}'
            ssl_ca_file = '{_folder["ca.crt"]}'
            fsync = off
            synchronous_commit = off
            full_page_writes = off
            max_connections = 50
            shared_buffers = 64MB
            jit = off
            max_wal_size = 2GB

            """,
            cancellationToken
        );
        string plain = _options.RequireTls
            ? "hostnossl all all 0.0.0.0/0 reject"
            : "host all all 0.0.0.0/0 scram-sha-256";
        await File.WriteAllTextAsync(
            Path.Combine(_folder["data"], "pg_hba.conf"),
            $"""
            local     all         all           scram-sha-256
            hostssl   all         all 0.0.0.0/0 scram-sha-256
            hostssl   replication all 0.0.0.0/0 scram-sha-256
            {plain}

            """,
            cancellationToken
        );
    }

    private async Task ControlAsync(string[] arguments, CancellationToken cancellationToken) =>
        (await AsServerUserAsync("pg_ctl", ["-D", _folder["data"], .. arguments], cancellationToken)).Succeeded();

    private Task<CommandResult> AsServerUserAsync(
        string program,
        string[] arguments,
        CancellationToken cancellationToken
    )
    {
        string path = Path.Combine(BinaryFolder, program);
        string[] clean =
        [
            "env",
            "-i",
            "PATH=/usr/bin:/bin",
            "LC_ALL=C.UTF-8",
            $"HOME={_folder.Path}",
            path,
            .. arguments,
        ];
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", .. clean]
            : clean;

        // The server inherits the pipes of pg_ctl and would hold them open, so the shell gives it none.
        string line = string.Join(
            ' ',
            command.Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'")
        );
        string log = _folder[$"{program}.log"];
        return CommandLine.RunAsync(
            "sh",
            ["-c", $"{line} </dev/null >'{log}' 2>&1; status=$?; [ $status = 0 ] || cat '{log}' >&2; exit $status"],
            workingDirectory: _folder.Path,
            cancellationToken: cancellationToken
        );
    }
}

/// <summary>How a throw-away server is made.</summary>
public sealed record PostgresServerOptions
{
    /// <summary>15, 17 or 18.</summary>
    public int Major { get; init; } = 17;

    /// <summary>Loopback address to listen on.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port, or 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>The superuser's password.</summary>
    public string Password { get; init; } = "s3cret-pw-of-the-test";

    /// <summary>Whether connections without TLS are refused.</summary>
    public bool RequireTls { get; init; }

    /// <summary>Further names that the server's certificate is good for.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];
}
