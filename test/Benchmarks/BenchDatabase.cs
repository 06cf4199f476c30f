using System.Reflection;
using Granary.TestSupport.Servers;

namespace Granary.Benchmarks;

/// <summary>The database that both pipelines back up.</summary>
internal static class BenchDatabase
{
    /// <summary>Fills a server: at scale 120 the dump is more than 1 GiB.</summary>
    public static async Task FillAsync(PostgresServer server, int scale, CancellationToken cancellationToken)
    {
        await using Stream sql = Assembly.GetExecutingAssembly().GetManifestResourceStream("bench.sql")
            ?? throw new InvalidOperationException("bench.sql is not embedded.");
        (
            await server.RunAsync(
                "psql",
                ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", $"scale={scale}"],
                input: sql,
                cancellationToken: cancellationToken
            )
        ).Succeeded();
        (
            await server.RunAsync(
                "pgbench",
                ["-i", "-q", "-s", $"{Math.Max(1, scale / 4)}"],
                cancellationToken: cancellationToken
            )
        ).Succeeded();
        await SettleAsync(server, cancellationToken);
    }

    /// <summary>Changes one row in a hundred, spread over the tables.</summary>
    public static async Task ChangeOnePercentAsync(
        PostgresServer server,
        int round,
        CancellationToken cancellationToken
    )
    {
        await server.ExecuteAsync(
            $"UPDATE event SET kind = 'changed {round}' WHERE id % 10000 < 100",
            cancellationToken: cancellationToken
        );
        await server.ExecuteAsync(
            $"UPDATE pgbench_accounts SET abalance = abalance + {round} WHERE aid % 10000 < 100",
            cancellationToken: cancellationToken
        );
        await SettleAsync(server, cancellationToken);
    }

    // The first reader of new rows would pay for marking them as visible, and whoever comes a minute later for the
    // server's own vacuum.
    private static async Task SettleAsync(PostgresServer server, CancellationToken cancellationToken)
    {
        await server.ExecuteAsync("VACUUM (FREEZE, ANALYZE)", cancellationToken: cancellationToken);
        await server.ExecuteAsync("CHECKPOINT", cancellationToken: cancellationToken);
    }
}
