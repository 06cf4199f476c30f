using System.Text.Json.Nodes;
using Granary.TestSupport;
using Granary.TestSupport.Databases;

[assembly: AssemblyFixture(typeof(Granary.EndToEnd.Tests.StageFixture))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Granary.EndToEnd.Tests;

/// <summary>
/// One cluster with the operator and one filled source server for all tests; each test has its own namespace.
/// </summary>
public sealed class StageFixture : IAsyncLifetime
{
    /// <summary>The stage.</summary>
    public Stage Stage { get; private set; } = null!; // Set before the first test.

    /// <summary>What the source server holds.</summary>
    public IReadOnlyList<string> SourceFacts { get; private set; } = [];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Stage = await Stage.StartAsync(
            new StageOptions { Say = line => TestContext.Current.SendDiagnosticMessage(line) },
            TestContext.Current.CancellationToken
        );
        await SampleData.FillAsync(Stage.Source, SampleSize.Small, TestContext.Current.CancellationToken);
        SourceFacts = await ServerComparison.DescribeAsync(Stage.Source, TestContext.Current.CancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Stage is not null)
        {
            await Stage.DisposeAsync();
        }
    }
}

/// <summary>What the tests have in common: a namespace of their own, and the steps of the main job.</summary>
public abstract class StageTest(StageFixture fixture)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The stage.</summary>
    protected Stage Stage => fixture.Stage;

    /// <summary>kubectl as an administrator.</summary>
    protected Kubectl Kubectl => fixture.Stage.Kubectl;

    /// <summary>What the source server holds.</summary>
    protected IReadOnlyList<string> SourceFacts => fixture.SourceFacts;

    /// <summary>Makes a namespace that knows the databases and the storage.</summary>
    protected async Task<Manifests> NamespaceAsync(string name)
    {
        await Stage.ConnectAsync(name);
        return new Manifests(name);
    }

    /// <summary>Applies storage, both AppBindings and a BackupConfiguration, and waits until that is Ready.</summary>
    protected async Task PrepareAsync(Manifests yaml, string schedule = "0 0 29 2 *", string extra = "")
    {
        await Kubectl.ApplyAsync(yaml.Storage(Stage.S3));
        await Kubectl.ApplyAsync(yaml.Database("sample-postgres", Stage.Source.Password));
        await Kubectl.ApplyAsync(yaml.Database("restored-postgres", Stage.Target.Password));
        await Kubectl.ApplyAsync(yaml.Backup(schedule, extra));
        await WaitForPhaseAsync("backupconfiguration", yaml.Namespace, "backup", "Ready");
    }

    /// <summary>Waits until an object has a phase; answers it.</summary>
    protected Task<JsonNode> WaitForPhaseAsync(string kind, string @namespace, string name, string phase) =>
        Eventually.ValueAsync(
            $"{kind} {@namespace}/{name} to be {phase}",
            async () =>
                await Kubectl.GetAsync(kind, name, @namespace) is { } found && Sessions.Phase(found) == phase
                    ? found
                    : null,
            Patience,
            TestContext.Current.CancellationToken
        );

    /// <summary>Creates a BackupSession by hand and waits for its end.</summary>
    protected async Task<JsonNode> BackUpAsync(Manifests yaml, string name)
    {
        await Kubectl.ApplyAsync(yaml.Session(name));
        return await Sessions.EndAsync(Kubectl, "backupsession", yaml.Namespace, name, Patience);
    }

    /// <summary>Applies a RestoreSession and waits for its end.</summary>
    protected async Task<JsonNode> RestoreAsync(Manifests yaml, string name, string snapshot = "latest")
    {
        await Kubectl.ApplyAsync(yaml.Restore(name, snapshot));
        return await Sessions.EndAsync(Kubectl, "restoresession", yaml.Namespace, name, Patience);
    }

    /// <summary>Fails with everything that explains it unless the session has the phase.</summary>
    protected async Task AssertPhaseAsync(string phase, JsonNode session)
    {
        if (Sessions.Phase(session) != phase)
        {
            Assert.Fail(
                $"expected {phase}, got {Sessions.Phase(session)}: "
                    + $"{Sessions.Reason(session)}\n{session["status"]}\noperator:\n{await Stage.OperatorLogAsync()}"
            );
        }
    }

    /// <summary>Removes what an earlier restore left on the target server.</summary>
    protected async Task EmptyTargetAsync()
    {
        await ResetAsync(Stage.Target);
    }

    /// <summary>
    /// Snapshot ids that restic lists in the namespace's repository; empty when there is no repository yet.
    /// </summary>
    protected async Task<IReadOnlyList<string>> SnapshotsAsync(Manifests yaml)
    {
        ResticCli restic = await Stage.ResticAsync(yaml.Namespace, "repo");
        CommandResult listed = await restic.RunAsync(["snapshots", "--json", "--no-lock"]);
        return listed.ExitCode == 10
            ? []
            : [.. JsonNode.Parse(listed.Succeeded().Output)!.AsArray().Select(snapshot => (string)snapshot!["id"]!)];
    }

    private static async Task ResetAsync(TestSupport.Servers.PostgresServer server)
    {
        foreach (
            string database in await server.QueryAsync(
                "SELECT quote_ident(datname) FROM pg_database WHERE datname NOT IN ('postgres', 'template0', "
                    + "'template1')"
            )
        )
        {
            await server.ExecuteAsync($"DROP DATABASE {database} WITH (FORCE)");
        }

        await server.ExecuteAsync(
            "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner; GRANT USAGE ON SCHEMA "
                + "public TO PUBLIC; COMMENT ON SCHEMA public IS 'standard public schema'"
        );
        await server.ExecuteAsync("SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
        foreach (
            string role in await server.QueryAsync(
                "SELECT quote_ident(rolname) FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' AND rolname <> 'postgres'"
            )
        )
        {
            await server.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }
}
