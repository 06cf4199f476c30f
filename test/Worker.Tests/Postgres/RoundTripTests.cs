using Granary.Storage;
using Granary.TestSupport;
using Granary.TestSupport.Databases;
using Granary.TestSupport.Servers;
using Granary.Worker.Postgres;
using Granary.Worker.Postgres.Connecting;
using Granary.Worker.Postgres.Dumping;
using Granary.Worker.Postgres.Restoring;
using Granary.Worker.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Worker.Tests.Postgres;

/// <summary>Real servers: what is dumped from one is restored into another, without a repository in between.</summary>
public sealed class RoundTripTests
{
    private static readonly ClientBinaries Clients = new([Path.Combine(RepositoryRoot.Tools, "pg")]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(17, 17, "")]
    [InlineData(17, 17, "--clean")]
    [InlineData(15, 18, "--clean --if-exists")]
    [InlineData(18, 18, "")]
    public async Task A_cluster_dump_restores_to_the_same_cluster(int from, int to, string arguments)
    {
        await using var source = await PostgresServer.StartAsync(new() { Major = from }, Token);
        await using var target = await PostgresServer.StartAsync(
            new() { Major = to, Password = "another-password" },
            Token
        );
        await SampleData.FillAsync(source, SampleSize.Small, Token);

        var outcome = await CopyAsync(
            source,
            target,
            DumpCommand.Parse("pg_dumpall", arguments),
            RestoreArguments.Parse("")
        );

        Assert.True(outcome.BenignErrors > 0, "the role postgres exists already");
        if (from == to)
        {
            Assert.Empty(await ServerComparison.DifferencesAsync(source, target, Token));
        }

        Assert.Equal(["500"], await target.QueryAsync("SELECT count(*) FROM shop.customer", "shop", Token));
        // The old password still opens
        Assert.Equal(["1"], await target.QueryAsync("SELECT 1", cancellationToken: Token));
    }

    [Theory]
    [InlineData(17, 17)]
    [InlineData(17, 15)] // 15's pg_restore does not read it, 15 does not know transaction_timeout
    public async Task An_archive_of_one_database_restores(int from, int to)
    {
        await using var source = await PostgresServer.StartAsync(new() { Major = from }, Token);
        await using var target = await PostgresServer.StartAsync(new() { Major = to }, Token);
        await source.ExecuteAsync("CREATE DATABASE box", cancellationToken: Token);
        await source.ExecuteAsync(
            "CREATE TABLE t AS SELECT i, repeat('x', 1000) AS v FROM generate_series(1, 20000) i",
            "box",
            Token
        );
        await target.ExecuteAsync("CREATE DATABASE box", cancellationToken: Token);

        var outcome = await CopyAsync(
            source,
            target,
            DumpCommand.Parse("pg_dump", "-Fc box"),
            RestoreArguments.Parse("--no-owner --dbname=box")
        );

        Assert.Equal(0, outcome.IgnoredErrors);
        Assert.Equal(["20000"], await target.QueryAsync("SELECT count(*) FROM t", "box", Token));
    }

    [Fact]
    public async Task Real_errors_fail_the_restore_and_are_named()
    {
        await using var target = await PostgresServer.StartAsync(cancellationToken: Token);
        await target.ExecuteAsync(
            "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)",
            cancellationToken: Token
        );
        const string script = """
            CREATE ROLE postgres;
            SET transaction_timeout_of_tomorrow = 0;
            COPY t (id) FROM stdin;
            1
            \.
            INSERT INTO t VALUES (2);
            """;

        var failure = await Assert.ThrowsAsync<ToolException>(() => RestoreAsync(target, script, ""));

        Assert.StartsWith("1 SQL error: line 5: COPY: duplicate key value", failure.Message, StringComparison.Ordinal);
        // It went on to the end
        Assert.Equal(["2"], await target.QueryAsync("SELECT count(*) FROM t", cancellationToken: Token));
    }

    [Fact]
    public async Task Errors_that_the_user_asks_to_ignore_do_not_fail_the_restore()
    {
        await using var target = await PostgresServer.StartAsync(cancellationToken: Token);

        var outcome = await RestoreAsync(target, "DELETE FROM nowhere;\nCREATE TABLE t ();\n", "--set ON_ERROR_STOP=0");

        Assert.Equal(new RestoreOutcome(0, 1), outcome);
        Assert.Equal(["0"], await target.QueryAsync("SELECT count(*) FROM t", cancellationToken: Token));
    }

    [Fact]
    public async Task A_restore_that_breaks_off_commits_no_rows()
    {
        await using var target = await PostgresServer.StartAsync(cancellationToken: Token);
        await target.ExecuteAsync("CREATE TABLE t (v text)", cancellationToken: Token);
        await using (var restore = await OpenAsync(target, RestoreArguments.Parse("")))
        {
            var rows = System.Text.Encoding.UTF8.GetBytes(
                "COPY t (v) FROM stdin;\n" + string.Concat(Enumerable.Repeat("row\n", 100_000))
            );
            await restore.Input.WriteAsync(rows, Token);
        }

        Assert.Equal(["0"], await target.QueryAsync("SELECT count(*) FROM t", cancellationToken: Token));
    }

    [Fact]
    public async Task A_dump_that_fails_says_why_without_the_password()
    {
        await using var source = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var dump = Dump(source, DumpCommand.Parse("pg_dump", "nowhere"));

        await (await dump.OpenAsync(Token)).CopyToAsync(Stream.Null, Token);
        var failure = await Assert.ThrowsAsync<ToolException>(() => dump.CompleteAsync(Token));

        Assert.Contains("pg_dump failed with exit status 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("database \"nowhere\" does not exist", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(source.Password, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_dump_ends_its_processes()
    {
        await using var source = await PostgresServer.StartAsync(cancellationToken: Token);
        await source.ExecuteAsync(
            "CREATE TABLE t AS SELECT i, repeat('x', 1000) FROM generate_series(1, 50000) i",
            cancellationToken: Token
        );
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var dump = Dump(source, DumpCommand.Parse("pg_dumpall", ""));
        var stream = await dump.OpenAsync(cancel.Token);
        await stream.ReadExactlyAsync(new byte[100_000], Token);

        await cancel.CancelAsync();

        await Eventually.TrueAsync(
            "no dump connection",
            async () =>
                (
                    await source.QueryAsync(
                        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%'",
                        cancellationToken: Token
                    )
                )[0] == "0",
            cancellationToken: Token
        );
    }

    internal static PostgresConnection ConnectionTo(PostgresServer server) =>
        new(server.Address, server.Port, PostgresServer.User, new Secret(server.Password))
        {
            SslMode = "verify-full",
            RootCertificate = server.Certificates.CaFile,
        };

    internal static async Task<RestoreOutcome> CopyAsync(
        PostgresServer from,
        PostgresServer to,
        DumpCommand command,
        RestoreArguments arguments,
        ClientBinaries? clients = null
    )
    {
        await using var dump = Dump(from, command);
        await using var restore = await OpenAsync(to, arguments, clients);
        await using (var stream = await dump.OpenAsync(Token))
        {
            await stream.CopyToAsync(restore.Input, Token);
        }

        await dump.CompleteAsync(Token);
        return await restore.CompleteAsync(Token);
    }

    internal static async Task<RestoreOutcome> RestoreAsync(
        PostgresServer to,
        string script,
        string arguments = "",
        ClientBinaries? clients = null
    )
    {
        await using var restore = await OpenAsync(to, RestoreArguments.Parse(arguments), clients);
        await restore.Input.WriteAsync(System.Text.Encoding.UTF8.GetBytes(script), Token);
        return await restore.CompleteAsync(Token);
    }

    private static DumpSource Dump(PostgresServer server, DumpCommand command)
    {
        var connection = ConnectionTo(server);
        var client = Clients.ForDump(int.Parse(Path.GetFileName(Path.GetDirectoryName(server.BinaryFolder))!));
        return new(
            new ToolCommand(
                client[command.Program],
                [.. connection.Arguments, .. command.Arguments],
                connection.Environment
            ),
            "dumpfile.sql",
            new Redactor(),
            NullLogger.Instance
        );
    }

    private static async Task<RestoreTarget> OpenAsync(
        PostgresServer server,
        RestoreArguments arguments,
        ClientBinaries? clients = null
    )
    {
        var connection = ConnectionTo(server);
        var readiness = new Readiness(TimeProvider.System, NullLogger.Instance, () => 0.5);
        var info = await readiness.WaitAsync(
            connection,
            arguments.Databases(connection.User),
            TimeSpan.FromMinutes(2),
            Token
        );
        return new(connection, info, clients ?? Clients, arguments, new Redactor(), NullLogger.Instance, Token);
    }
}
