using Granary.Storage;
using Npgsql;

namespace Granary.Worker.Postgres.Connecting;

/// <summary>
/// How to reach a server: as arguments and environment for PostgreSQL's own tools, and as a connection string.
/// </summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="User">The role to connect as.</param>
/// <param name="Password">Null where a client certificate is all that the server asks for.</param>
internal sealed record PostgresConnection(string Host, int Port, string User, Secret? Password)
{
    private const string ApplicationName = "granary";

    /// <summary>
    /// libpq's <c>sslmode</c>; null leaves the choice to the environment, else to libpq's own default.
    /// </summary>
    public string? SslMode { get; init; }

    /// <summary>File with the authorities that may have signed the server's certificate.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>File with the client's certificate.</summary>
    public string? Certificate { get; init; }

    /// <summary>File with the key of <see cref="Certificate"/>.</summary>
    public string? Key { get; init; }

    /// <summary>The server as a person would name it.</summary>
    public string Address => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Connection arguments that every tool understands. The password is never among them.</summary>
    public IReadOnlyList<string> Arguments =>
        [$"--username={User}", $"--host={Host}", $"--port={Port}", "--no-password"];

    /// <summary>The environment of a tool, on top of the inherited one.</summary>
    /// <remarks>
    /// Messages are asked for in English, because the restore tells psql's own messages apart by their text. LC_ALL
    /// would override that; the encoding of the data does not depend on it (dumps name theirs).
    /// </remarks>
    public IReadOnlyDictionary<string, string?> Environment
    {
        get
        {
            var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["LC_ALL"] = null,
                ["LANGUAGE"] = null,
                ["LC_MESSAGES"] = "C",
                ["PGAPPNAME"] = ApplicationName,
            };
            Set("PGPASSWORD", Password?.Reveal());
            Set("PGSSLMODE", SslMode);
            Set("PGSSLROOTCERT", RootCertificate);
            Set("PGSSLCERT", Certificate);
            Set("PGSSLKEY", Key);
            return environment;

            void Set(string name, string? value)
            {
                if (!string.IsNullOrEmpty(value))
                {
                    environment[name] = value;
                }
            }
        }
    }

    /// <summary>The same connection for Npgsql.</summary>
    /// <param name="database">The database to open.</param>
    /// <param name="timeout">For one attempt to connect; whole seconds count.</param>
    public string ConnectionString(string database, TimeSpan timeout)
    {
        var seconds = Math.Max(1, (int)timeout.TotalSeconds);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Username = User,
            Password = Password?.Reveal(),
            Database = database,
            Pooling = false,
            Timeout = seconds,
            CommandTimeout = seconds,
            GssEncryptionMode = GssEncryptionMode.Disable,
            ApplicationName = ApplicationName,
            RootCertificate = RootCertificate,
            SslCertificate = Certificate,
            SslKey = Key,
        };

        // libpq's tools see PGSSLMODE in the inherited environment; Npgsql does not look there.
        if (SslModes.ToNpgsql(SslMode ?? System.Environment.GetEnvironmentVariable("PGSSLMODE")) is { } mode)
        {
            builder.SslMode = mode;
        }

        return builder.ConnectionString;
    }
}
