using System.Security.Cryptography;
using System.Text;
using Granary.TestSupport.Servers;

namespace Granary.TestSupport.Databases;

/// <summary>What two servers differ in: definitions, roles, and the rows of every table of every database.</summary>
public static class ServerComparison
{
    private const string TablesQuery = """
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm')
          AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
        ORDER BY 1
        """;

    private const string SequencesQuery = """
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'S' ORDER BY 1
        """;

    /// <summary>
    /// Describes a server: one line per fact, sorted, so that two servers can be compared line by line.
    /// </summary>
    /// <remarks>
    /// Shape: <c>definition &lt;line of a schema-only pg_dumpall&gt;</c>, <c>table db.schema.name rows checksum</c>,
    /// <c>sequence db.schema.name value called</c>, <c>large object db oid checksum</c>. The superuser's own password
    /// is left out, because a restore keeps the password of the server that it restores into.
    /// </remarks>
    public static async Task<IReadOnlyList<string>> DescribeAsync(
        PostgresServer server,
        CancellationToken cancellationToken = default
    )
    {
        var facts = new List<string>();
        CommandResult dump = (
            await server.RunAsync("pg_dumpall", ["--schema-only"], cancellationToken: cancellationToken)
        ).Succeeded();
        facts.AddRange(Definitions(dump.Output));
        foreach (
            string database in await server.QueryAsync(
                "SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template1' ORDER BY 1",
                cancellationToken: cancellationToken
            )
        )
        {
            foreach (string table in await server.QueryAsync(TablesQuery, database, cancellationToken))
            {
                string checksum = (
                    await server.QueryAsync(
                        $"SELECT count(*) || ' rows ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t",
                        database,
                        cancellationToken
                    )
                )[0];
                facts.Add($"table {database}: {table} {checksum}");
            }

            foreach (string sequence in await server.QueryAsync(SequencesQuery, database, cancellationToken))
            {
                string last = (
                    await server.QueryAsync(
                        $"SELECT last_value || ' ' || is_called FROM {sequence}",
                        database,
                        cancellationToken
                    )
                )[0];
                facts.Add($"sequence {database}: {sequence} {last}");
            }

            facts.AddRange(
                (
                    await server.QueryAsync(
                        "SELECT oid || ' ' || md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid",
                        database,
                        cancellationToken
                    )
                ).Select(fact => $"large object {database}: {fact}")
            );
        }

        return facts;
    }

    /// <summary>The lines that only one of the two servers has; empty when they hold the same.</summary>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(
        PostgresServer left,
        PostgresServer right,
        CancellationToken cancellationToken = default
    )
    {
        IReadOnlyList<string> ours = await DescribeAsync(left, cancellationToken);
        IReadOnlyList<string> theirs = await DescribeAsync(right, cancellationToken);
        return Differences(ours, theirs);
    }

    /// <summary>
    /// The lines that only one of two descriptions has, marked with <c>-</c> (left only) and <c>+</c> (right only).
    /// </summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        Dictionary<string, int> counts = [];
        foreach (string line in left)
        {
            counts[line] = counts.GetValueOrDefault(line) + 1;
        }

        foreach (string line in right)
        {
            counts[line] = counts.GetValueOrDefault(line) - 1;
        }

        return
        [
            .. counts
                .Where(line => line.Value != 0)
                .Select(line => $"{(line.Value > 0 ? '-' : '+')} {line.Key}")
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>A short name for a description, for people to compare by eye.</summary>
    public static string Fingerprint(IReadOnlyList<string> facts) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', facts.Order(StringComparer.Ordinal))))
        )[..16];

    private static IEnumerable<string> Definitions(string dump) =>
        dump.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line =>
                !line.StartsWith("--", StringComparison.Ordinal)
                && !line.StartsWith("\\restrict", StringComparison.Ordinal)
                && !line.StartsWith("\\unrestrict", StringComparison.Ordinal)
                && !line.StartsWith($"ALTER ROLE {PostgresServer.User} WITH ", StringComparison.Ordinal)
            )
            .Select(line => $"definition {line}");
}
