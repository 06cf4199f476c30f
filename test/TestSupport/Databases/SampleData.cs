using System.Reflection;
using System.Text;
using Granary.TestSupport.Servers;

namespace Granary.TestSupport.Databases;

/// <summary>How much the sample databases hold.</summary>
/// <param name="PgbenchScale">100,000 account rows each, about 13 MB on disk.</param>
/// <param name="Customers">Rows with jsonb, bytea, arrays, timestamps; about 1 KB each.</param>
/// <param name="Purchases">Rows of a partitioned table; about 120 bytes each.</param>
/// <param name="Blobs">Incompressible values of 64 KiB each.</param>
public sealed record SampleSize(int PgbenchScale, int Customers, int Purchases, int Blobs)
{
    /// <summary>A few megabytes: for tests.</summary>
    public static SampleSize Small { get; } = new(1, 500, 2_000, 16);

    /// <summary>More than 200 MB on disk: for the demo.</summary>
    public static SampleSize Demo { get; } = new(9, 20_000, 120_000, 640);
}

/// <summary>Fills a server with data that looks real and holds one of everything that a dump must carry.</summary>
public static class SampleData
{
    /// <summary>Databases that <see cref="FillAsync"/> creates.</summary>
    public static IReadOnlyList<string> Databases { get; } = ["shop", "Второй \"db\""];

    /// <summary>Creates roles, two databases and pgbench tables in the <c>postgres</c> database.</summary>
    public static async Task FillAsync(
        PostgresServer server,
        SampleSize size,
        CancellationToken cancellationToken = default
    )
    {
        await RunAsync(server, "postgres", "globals.sql", size, cancellationToken);
        await server.ExecuteAsync("CREATE DATABASE shop OWNER app_owner", cancellationToken: cancellationToken);
        await server.ExecuteAsync(
            "ALTER DATABASE shop SET timezone = 'Europe/Berlin'",
            cancellationToken: cancellationToken
        );
        await server.ExecuteAsync(
            "CREATE DATABASE \"Второй \"\"db\"\"\" CONNECTION LIMIT 12",
            cancellationToken: cancellationToken
        );
        await RunAsync(server, "shop", "shop.sql", size, cancellationToken);
        await server.ExecuteAsync(
            "CREATE TABLE заметки (id int PRIMARY KEY, текст text); INSERT INTO заметки SELECT i, repeat('слово ', i "
                + "% 40) FROM generate_series(1, 500) i",
            Databases[1],
            cancellationToken
        );
        (
            await server.RunAsync(
                "pgbench",
                ["-i", "-q", "-s", $"{size.PgbenchScale}"],
                cancellationToken: cancellationToken
            )
        ).Succeeded();
    }

    /// <summary>Bytes that all databases of the server take on disk.</summary>
    public static async Task<long> SizeAsync(PostgresServer server, CancellationToken cancellationToken = default) =>
        long.Parse(
            (
                await server.QueryAsync(
                    "SELECT sum(pg_database_size(oid))::bigint FROM pg_database",
                    cancellationToken: cancellationToken
                )
            )[0]
        );

    private static async Task RunAsync(
        PostgresServer server,
        string database,
        string script,
        SampleSize size,
        CancellationToken cancellationToken
    )
    {
        await using Stream sql = Assembly.GetExecutingAssembly().GetManifestResourceStream(script)
            ?? throw new InvalidOperationException($"The script {script} is not embedded.");
        using var text = new StreamReader(sql, Encoding.UTF8);
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(await text.ReadToEndAsync(cancellationToken)));
        (
            await server.RunAsync(
                "psql",
                [
                    "-X",
                    "-q",
                    "-o",
                    "/dev/null",
                    "-v",
                    "ON_ERROR_STOP=1",
                    "-v",
                    $"customers={size.Customers}",
                    "-v",
                    $"purchases={size.Purchases}",
                    "-v",
                    $"blobs={size.Blobs}",
                ],
                database,
                input,
                cancellationToken: cancellationToken
            )
        ).Succeeded();
    }
}
