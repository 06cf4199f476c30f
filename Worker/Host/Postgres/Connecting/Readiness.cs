using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Granary.Worker.Postgres.Connecting;

/// <summary>What a server said of itself when it was first reached.</summary>
/// <param name="Major">Major version; 9 for all of 9.x.</param>
/// <param name="Version">As the server writes it: <c>17.11 (Debian 17.11-1)</c>.</param>
/// <param name="Database">The database that was opened: the first of those asked for that exists.</param>
/// <param name="IsStandby">Whether it only replays another server and refuses writes.</param>
/// <param name="HasMaintenanceDatabase">Whether there is a database "postgres" that may be connected to.</param>
internal sealed record ServerInfo(
    int Major,
    string Version,
    string Database,
    bool IsStandby,
    bool HasMaintenanceDatabase
);

/// <summary>Waits for a server to accept connections.</summary>
/// <remarks>
/// A server that is starting, unreachable or full may become ready; a refused password, a missing database or an
/// untrusted certificate will not, so those fail at once. Waits between attempts grow and are jittered, so that the
/// Jobs of one schedule do not knock in step.
/// </remarks>
internal sealed class Readiness(TimeProvider time, ILogger log, Func<double> random)
{
    private const string InvalidCatalogName = "3D000";
    private const string CannotConnectNow = "57P03";
    private const string TooManyConnections = "53300";

    private const string Question = """
        SELECT pg_is_in_recovery(),
               EXISTS (SELECT FROM pg_database WHERE datname = 'postgres' AND datallowconn
                       AND has_database_privilege(oid, 'CONNECT'))
        """;

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <summary>Connects, again and again until <paramref name="patience"/> is used up.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="databases">Tried in order; the first that exists is opened.</param>
    /// <param name="patience">How long to wait; one attempt is always made.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="StepFailedException">The server stayed away, or refused for good.</exception>
    public async Task<ServerInfo> WaitAsync(
        PostgresConnection connection,
        IReadOnlyList<string> databases,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        var start = time.GetTimestamp();
        var delay = FirstDelay;
        while (true)
        {
            try
            {
                return await AskAsync(connection, databases, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException and not StepFailedException && IsPassing(e))
            {
                var left = patience - time.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    throw new StepFailedException(
                        $"PostgreSQL at {connection.Address} did not become ready within {patience.TotalSeconds:0} "
                            + $"s: {Reason(e)}",
                        e
                    );
                }

                log.ServerNotReady(connection.Address, Reason(e));
                var jittered = delay * (0.5 + random());
                await Task.Delay(jittered < left ? jittered : left, time, cancellationToken);
                delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            }
        }
    }

    private static async Task<ServerInfo> AskAsync(
        PostgresConnection connection,
        IReadOnlyList<string> databases,
        CancellationToken cancellationToken
    )
    {
        foreach (var database in databases)
        {
            try
            {
                return await AskAsync(connection, database, cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState == InvalidCatalogName)
            {
                // The next one, if there is one, does as well.
            }
            catch (Exception e) when (e is not OperationCanceledException && !IsPassing(e))
            {
                throw new StepFailedException(Refusal(connection, e), e);
            }
        }

        throw new StepFailedException(
            $"PostgreSQL at {connection.Address} has no database "
                + $"{string.Join(" or ", databases.Select(d => $"\"{d}\""))}; name another one in the parameter args"
        );
    }

    private static async Task<ServerInfo> AskAsync(
        PostgresConnection connection,
        string database,
        CancellationToken cancellationToken
    )
    {
        await using var opened = new NpgsqlConnection(connection.ConnectionString(database, AttemptTimeout));
        await opened.OpenAsync(cancellationToken);
        await using var question = new NpgsqlCommand(Question, opened);
        await using var answer = await question.ExecuteReaderAsync(cancellationToken);
        await answer.ReadAsync(cancellationToken);
        return new ServerInfo(
            opened.PostgreSqlVersion.Major,
            opened.ServerVersion,
            database,
            answer.GetBoolean(0),
            answer.GetBoolean(1)
        );
    }

    /// <summary>Whether waiting can help.</summary>
    private static bool IsPassing(Exception e) =>
        e switch
        {
            PostgresException refused => refused.SqlState is CannotConnectNow or TooManyConnections,
            NpgsqlException { InnerException: AuthenticationException } => false,
            NpgsqlException or SocketException or TimeoutException or IOException => true,
            _ => false,
        };

    private static string Refusal(PostgresConnection connection, Exception e) =>
        e switch
        {
            PostgresException { SqlState: "28P01" } =>
                $"PostgreSQL at {connection.Address} refused the password of user \"{connection.User}\"",
            PostgresException refused =>
                $"PostgreSQL at {connection.Address} refused the connection: {refused.MessageText} "
                    + $"({refused.SqlState})",
            NpgsqlException { InnerException: AuthenticationException tls } =>
                $"No trusted TLS connection to PostgreSQL at {connection.Address}: {tls.Message}",
            _ => $"Cannot connect to PostgreSQL at {connection.Address}: {e.Message}",
        };

    private static string Reason(Exception e) =>
        e switch
        {
            PostgresException refused => refused.MessageText,
            { InnerException: SocketException socket } => socket.Message,
            _ => e.Message,
        };
}
