using Granary.Worker.Postgres.Connecting;

namespace Granary.Worker.Steps;

/// <summary>A server that was reached.</summary>
/// <param name="Connection">How.</param>
/// <param name="Server">What it said of itself.</param>
internal sealed record ReachedDatabase(PostgresConnection Connection, ServerInfo Server);

/// <summary>From an AppBinding to a server that answers.</summary>
internal sealed class DatabaseAccess(WorkerServices services)
{
    /// <summary>Reads the AppBinding and waits for its server.</summary>
    /// <param name="flags">Which one.</param>
    /// <param name="scratch">For certificates.</param>
    /// <param name="databases">Which databases to look for, by the name of the connecting role.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<ReachedDatabase> ConnectAsync(
        DatabaseFlags flags,
        ScratchDirectory scratch,
        Func<string, IReadOnlyList<string>> databases,
        CancellationToken cancellationToken
    )
    {
        var reader = new AppBindingReader(services.Cluster, services.Options, services.Redactor);
        var facts = await reader.ReadAsync(flags.Namespace, flags.AppBinding, flags.User, cancellationToken);
        var connection = ConnectionBuilder.Build(facts, scratch);
        var readiness = new Readiness(services.Time, services.Log, services.Random);
        return new(
            connection,
            await readiness.WaitAsync(connection, databases(connection.User), flags.WaitTimeout, cancellationToken)
        );
    }
}
