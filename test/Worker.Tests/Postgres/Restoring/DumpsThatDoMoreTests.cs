using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.Worker.Postgres;
using Granary.Worker.Postgres.Dumping;
using Granary.Worker.Postgres.Restoring;
using Granary.Worker.Processes;

namespace Granary.Worker.Tests.Postgres.Restoring;

/// <summary>Dumps that would run commands, stop a restore early, or lose something without a word.</summary>
public sealed class DumpsThatDoMoreTests : IDisposable
{
    /// <summary>15's psql takes the rows of a refused COPY for SQL; newer ones read past them.</summary>
    private static readonly int[] Clients = [15, 17, 18];

    private readonly TempDirectory _clients = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> ClientMajors => new(Clients);

    [Theory]
    [InlineData(@"\! touch FILE")]
    [InlineData(@"SELECT 1 \g |touch FILE")]
    [InlineData(@"\copy (SELECT 1) TO PROGRAM 'touch FILE'")]
    [InlineData(@"\o |touch FILE")]
    [InlineData(@"\i FILE")]
    [InlineData(@"\set x `touch FILE`")]
    [InlineData(@"\connect postgres postgres elsewhere")]
    [InlineData(@"\unrestrict 0000")]
    public async Task A_command_of_psql_is_not_run_and_its_line_is_named(string command)
    {
        using var folder = new TempDirectory();
        await using var target = await PostgresServer.StartAsync(cancellationToken: Token);
        var file = folder["was-here"];
        var script =
            "CREATE TABLE before ();\n\\connect postgres\n --\n "
            + command.Replace("FILE", file, StringComparison.Ordinal)
            + "\n;\nCREATE TABLE after ();\n";

        var failure = await Assert.ThrowsAsync<ToolException>(() => RoundTripTests.RestoreAsync(target, script));

        Assert.Contains("stopped at line 4", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Theory]
    [MemberData(nameof(ClientMajors))]
    public async Task Rows_of_a_refused_copy_are_never_run_as_sql(int client)
    {
        await using var target = await PostgresServer.StartAsync(new() { Major = 15 }, Token);
        var script =
            $"COPY nowhere (text) FROM stdin;\n{string.Concat(Enumerable.Repeat("x\n", 200_000))};\nCREATE TABLE "
            + "smuggled ();\n\\.\n";

        var failure = await Assert.ThrowsAsync<ToolException>(() =>
            RoundTripTests.RestoreAsync(target, script, clients: Only(client))
        );

        Assert.Contains("42P01", failure.Message, StringComparison.Ordinal);
        Assert.Contains("without their rows: nowhere", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["0"], await CountAsync(target, "pg_class WHERE relname = 'smuggled'"));
    }

    // The function of the CHECK reads a table that the dump fills later, so its rows are refused.
    [Theory]
    [MemberData(nameof(ClientMajors))]
    public async Task Rows_that_a_function_refuses_cost_their_table_and_nothing_else(int client)
    {
        await using var source = await PostgresServer.StartAsync(new() { Major = 15 }, Token);
        await using var target = await PostgresServer.StartAsync(new() { Major = 15 }, Token);
        await source.ExecuteAsync("CREATE DATABASE cp", cancellationToken: Token);
        await source.ExecuteAsync("CREATE DATABASE cq", cancellationToken: Token);
        await source.ExecuteAsync("CREATE TABLE q AS SELECT generate_series(1,7) AS n", "cq", Token);
        await source.ExecuteAsync(
            """
            CREATE TABLE lookup(k text PRIMARY KEY); INSERT INTO lookup VALUES ('a');
            CREATE FUNCTION known(text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS
            $$ BEGIN RETURN EXISTS(SELECT FROM lookup WHERE k = $1); END $$;
            CREATE TABLE a_chk(id int, k text CHECK (known(k))); INSERT INTO a_chk VALUES (1, 'a');
            CREATE TABLE b_chk(id int, k text CHECK (known(k))); INSERT INTO b_chk VALUES (1, 'a');
            CREATE TABLE z_later AS SELECT g, repeat('x', 200) AS v FROM generate_series(1, 40000) g
            """,
            "cp",
            Token
        );

        var failure = await Assert.ThrowsAsync<ToolException>(() =>
            RoundTripTests.CopyAsync(
                source,
                target,
                DumpCommand.Parse("pg_dumpall", ""),
                RestoreArguments.Parse(""),
                Only(client)
            )
        );

        Assert.Contains("without their rows: public.a_chk, public.b_chk", failure.Message, StringComparison.Ordinal);
        Assert.Contains("(42P01)", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["40000"], await CountAsync(target, "z_later", "cp"));
        Assert.Equal(["7"], await CountAsync(target, "q", "cq"));
    }

    [Fact]
    public async Task Settings_that_come_with_a_dump_do_not_govern_its_restore_nor_stay_on_the_own_role()
    {
        await using var source = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var target = await PostgresServer.StartAsync(cancellationToken: Token);
        await source.ExecuteAsync("CREATE DATABASE ro", cancellationToken: Token);
        await source.ExecuteAsync("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n", "ro", Token);
        await source.ExecuteAsync(
            """
            CREATE ROLE app;
            ALTER DATABASE ro SET default_transaction_read_only = on;
            ALTER DATABASE ro SET statement_timeout = '1h';
            ALTER ROLE app SET statement_timeout = '7s';
            GRANT pg_read_all_data TO app;
            ALTER DATABASE ro SET role = 'app';
            ALTER ROLE postgres IN DATABASE ro SET work_mem = '64kB';
            ALTER ROLE postgres SET default_transaction_read_only = on;
            ALTER ROLE postgres SET search_path = 'nowhere'
            """,
            cancellationToken: Token
        );

        await RoundTripTests.CopyAsync(source, target, DumpCommand.Parse("pg_dumpall", ""), RestoreArguments.Parse(""));

        Assert.Equal(
            ["-/app:{statement_timeout=7s}", "ro/-:{default_transaction_read_only=on,statement_timeout=1h,role=app}"],
            await target.QueryAsync(
                "SELECT coalesce(datname, '-') || '/' || coalesce(rolname, '-') || ':' || setconfig::text "
                    + "FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase "
                    + "LEFT JOIN pg_roles r ON r.oid = s.setrole ORDER BY 1",
                cancellationToken: Token
            )
        );
        Assert.Equal(["1000"], await CountAsync(target, "t", "ro"));
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_named_and_the_next_one_is_restored()
    {
        await using var target = await PostgresServer.StartAsync(cancellationToken: Token);
        const string script = """
            CREATE TABLE a ();
            \connect nowhere
            CREATE TABLE b ();
            \connect postgres
            CREATE TABLE c ();
            """;

        var failure = await Assert.ThrowsAsync<ToolException>(() => RoundTripTests.RestoreAsync(target, script + "\n"));

        Assert.StartsWith(
            "database \"nowhere\" was not restored, or not whole (from line 3 on): ",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("database \"nowhere\" does not exist", failure.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["a", "c"],
            await target.QueryAsync(
                "SELECT relname FROM pg_class WHERE relname IN ('a', 'b', 'c') ORDER BY 1",
                cancellationToken: Token
            )
        );
    }

    [Fact]
    public async Task A_strict_restore_stops_at_its_first_error()
    {
        await using var target = await PostgresServer.StartAsync(cancellationToken: Token);
        const string script =
            "DELETE FROM nowhere;\nCREATE TABLE late ();\n\\connect postgres\nCREATE TABLE later ();\n";

        var failure = await Assert.ThrowsAsync<ToolException>(() =>
            RoundTripTests.RestoreAsync(target, script, "--set ON_ERROR_STOP=1")
        );

        Assert.Contains("stopped at the first error", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["0"], await CountAsync(target, "pg_class WHERE relname IN ('late', 'later')"));
    }

    [Fact]
    public async Task A_psql_without_the_restricted_mode_is_refused()
    {
        // A stand-in: no such version can be installed any more.
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder["17/bin"]);
        var psql = folder["17/bin/psql"];
        await File.WriteAllTextAsync(psql, "#!/bin/sh\necho '  \\q  quit psql'\n", Token);
        File.SetUnixFileMode(psql, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var target = await PostgresServer.StartAsync(cancellationToken: Token);

        var failure = await Assert.ThrowsAsync<StepFailedException>(() =>
            RoundTripTests.RestoreAsync(target, "SELECT 1;\n", clients: new ClientBinaries([folder.Path]))
        );

        Assert.Contains("too old", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _clients.Dispose();

    private ClientBinaries Only(int major)
    {
        var source = Path.Combine(RepositoryRoot.Tools, "pg", $"{major}");
        Directory.CreateSymbolicLink(_clients[$"{major}"], source);
        return new ClientBinaries([_clients.Path]);
    }

    private static Task<IReadOnlyList<string>> CountAsync(
        PostgresServer server,
        string from,
        string database = "postgres"
    ) => server.QueryAsync($"SELECT count(*) FROM {from}", database, Token);
}
