using Granary.Worker.Postgres.Restoring;

namespace Granary.Worker.Tests.Postgres.Restoring;

public sealed class SqlErrorLogTests
{
    // One row per rule: what the server says, the statement, and whether a sound restore may meet it.
    [Theory]
    [InlineData("42710", "role \"app\" already exists", "CREATE ROLE app;", true)]
    [InlineData("42710", "tablespace \"fast\" already exists", "CREATE TABLESPACE fast OWNER app LOCATION '/x';", true)]
    [InlineData("42710", "trigger \"t\" already exists", "CREATE TRIGGER t BEFORE INSERT ON x;", false)]
    [InlineData("42P04", "database \"shop\" already exists", "CREATE DATABASE shop WITH TEMPLATE = template0;", true)]
    [InlineData("42P06", "schema \"public\" already exists", "CREATE SCHEMA public;", true)]
    [InlineData("42P06", "schema \"shop\" already exists", "CREATE SCHEMA shop;", false)]
    [InlineData("42P07", "relation \"t\" already exists", "CREATE TABLE public.t (", false)]
    [InlineData("55006", "current user cannot be dropped", "DROP ROLE IF EXISTS postgres;", true)]
    [InlineData("55006", "cannot drop the currently open database", "DROP DATABASE postgres;", true)]
    [InlineData("55006", "database \"shop\" is being accessed by other users", "DROP DATABASE shop;", false)]
    [InlineData("2BP01", "role \"app\" cannot be dropped because some objects depend on it", "DROP ROLE app;", true)]
    [InlineData("2BP01", "cannot drop table t because other objects depend on it", "DROP TABLE t;", false)]
    [InlineData("3D000", "database \"shop\" does not exist", "DROP DATABASE shop;", true)]
    [InlineData("42704", "role \"app\" does not exist", "DROP ROLE app;", true)]
    [InlineData("42704", "role \"app\" does not exist", "ALTER TABLE public.t OWNER TO app;", false)]
    [InlineData(
        "42P01",
        "relation \"public.t\" does not exist",
        "ALTER TABLE ONLY public.t DROP CONSTRAINT t_pkey;",
        true
    )]
    [InlineData(
        "42P01",
        "relation \"public.t\" does not exist",
        "ALTER TABLE public.t ALTER COLUMN id DROP DEFAULT;",
        true
    )]
    [InlineData("42P01", "relation \"public.t\" does not exist", "INSERT INTO public.t VALUES (1);", false)]
    [InlineData(
        "42704",
        "unrecognized configuration parameter \"transaction_timeout\"",
        "SET transaction_timeout = 0;",
        true
    )]
    [InlineData("42704", "unrecognized configuration parameter \"x\"", "ALTER DATABASE shop SET x TO '1';", false)]
    [InlineData("42501", "must be owner of extension plpgsql", "COMMENT ON EXTENSION plpgsql IS 'x';", true)]
    [InlineData("42501", "permission denied to create role", "CREATE ROLE app;", false)]
    [InlineData("23505", "duplicate key value violates unique constraint", "INSERT INTO t VALUES (1);", false)]
    public void Errors_that_a_sound_restore_meets_are_told_apart(
        string state,
        string message,
        string statement,
        bool isBenign
    )
    {
        var log = new SqlErrorLog(_ => false);

        Report(log, 12, state, message, statement);
        log.End();

        Assert.Equal(isBenign ? (1, 0) : (0, 1), (log.BenignCount, log.SeriousCount));
    }

    [Fact]
    public void Notices_and_warnings_are_no_errors_whatever_their_code()
    {
        var log = new SqlErrorLog(_ => false);

        log.Add("psql:<stdin>:3: HINWEIS:  42P07: Relation »t« existiert bereits, wird übersprungen");
        log.Add("LOCATION:  transformCreateStmt, parse_utilcmd.c:209");
        Report(log, 4, "42710", "role \"a\" already exists", "CREATE ROLE a;");
        log.Add("psql:<stdin>:5: WARNING:  25P01: there is no transaction in progress");
        log.End();

        Assert.Equal((1, 0), (log.BenignCount, log.SeriousCount));
    }

    [Fact]
    public void The_summary_names_lines_and_codes_but_no_details_values_or_statements()
    {
        var log = new SqlErrorLog(_ => false);

        log.Add("psql:<stdin>:12: ERROR:  23505: duplicate key value violates unique constraint \"t_pkey\"");
        log.Add("DETAIL:  Key (id)=(4711) already exists.");
        log.Add("CONTEXT:  COPY t, line 2");
        log.Add("LOCATION:  _bt_check_unique, nbtinsert.c:666");
        log.Add("psql:<stdin>:12: STATEMENT:  COPY t (id) FROM stdin;");
        Report(log, 20, "42P01", "relation \"u\" does not exist", "INSERT INTO u VALUES ('private');");
        log.Add("psql:<stdin>:30: error: invalid command \\foo");
        log.End();

        Assert.Equal(
            "3 SQL errors: line 12: COPY: duplicate key value violates unique constraint \"t_pkey\" (23505); "
                + "line 20: INSERT INTO: relation \"u\" does not exist (42P01); line 30: invalid command \\foo; "
                + "without their rows: t",
            log.Summary()
        );
        Assert.DoesNotContain("4711", log.Tail, StringComparison.Ordinal);
        Assert.False(log.RowsWereReadAsSql);
    }

    [Fact]
    public void A_flood_of_errors_is_counted_and_not_kept()
    {
        var told = 0;
        var log = new SqlErrorLog(_ => false, _ => told++);
        for (var line = 1; line <= 10_000; line++)
        {
            Report(log, line, "42601", "syntax error", "1 2 3");
        }

        log.End();

        Assert.Equal(10_000, log.SeriousCount);
        Assert.Equal(10, log.Serious.Count);
        Assert.Equal(10, told);
        Assert.EndsWith("; …", log.Summary(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, true)] // the statement ends where the error is: rows follow as SQL
    [InlineData(9, false)] // a psql that reads past the rows first
    public void Rows_that_psql_takes_for_sql_are_noticed(int statementLine, bool expected)
    {
        var log = new SqlErrorLog(line => line == 6);

        log.Add("psql:<stdin>:6: ERROR:  42P01: relation \"nope\" does not exist");
        log.Add("LOCATION:  RangeVarGetRelidExtended, namespace.c:636");
        log.Add($"psql:<stdin>:{statementLine}: STATEMENT:  COPY nope(id) FROM stdin;");
        log.End();

        Assert.Equal(expected, log.RowsWereReadAsSql);
        Assert.Equal(expected, log.MustStop);
    }

    // A function that a CHECK calls: the context of COPY is not the first line.
    [Fact]
    public void An_error_of_the_rows_is_none_of_the_statement_whatever_its_context()
    {
        var log = new SqlErrorLog(line => line == 4);

        log.Add("psql:<stdin>:7: ERROR:  42P01: relation \"lookup\" does not exist");
        log.Add("LINE 1: EXISTS(SELECT FROM lookup WHERE k = $1)");
        log.Add("                           ^");
        log.Add("QUERY:  EXISTS(SELECT FROM lookup WHERE k = $1)");
        log.Add("CONTEXT:  PL/pgSQL function known(text) line 1 at RETURN");
        log.Add("COPY b_chk, line 1: \"1\ta\"");
        log.Add("LOCATION:  parserOpenTable, parse_relation.c:1392");
        log.Add("psql:<stdin>:7: STATEMENT:  COPY public.\"B chk\" (id,k) FROM stdin;");
        log.End();

        Assert.False(log.MustStop);
        Assert.EndsWith("; without their rows: public.\"B chk\"", log.Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_of_psql_stops_the_restore_and_its_line_is_that_of_the_whole_script()
    {
        var log = new SqlErrorLog(_ => false);
        log.Begin(101);

        log.Add(@"psql:<stdin>:4: error: backslash commands are restricted; only \unrestrict is allowed");
        log.End();

        Assert.True(log.MustStop);
        Assert.Contains("line 104", log.StopReason, StringComparison.Ordinal);
    }

    private static void Report(SqlErrorLog log, int line, string state, string message, string statement)
    {
        log.Add($"psql:<stdin>:{line}: ERROR:  {state}: {message}");
        log.Add("LOCATION:  somewhere, file.c:1");
        log.Add($"psql:<stdin>:{line}: STATEMENT:  {statement}");
    }
}
