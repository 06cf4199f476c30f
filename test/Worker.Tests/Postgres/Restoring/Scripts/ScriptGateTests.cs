using System.Buffers;
using System.Text;
using Granary.Worker.Postgres.Restoring.Scripts;

namespace Granary.Worker.Tests.Postgres.Restoring.Scripts;

/// <summary>Scripts in parts of any length: what reaches psql, and where another database comes.</summary>
public sealed class ScriptGateTests
{
    public static TheoryData<int> PartLengths => [1, 2, 3, 7, 64, 100_000];

    [Theory]
    [MemberData(nameof(PartLengths))]
    public void Only_the_lines_of_the_own_role_go_and_line_numbers_stay(int partLength)
    {
        const string dump = """"
            -- PostgreSQL database cluster dump
            CREATE ROLE postgres;
            ALTER ROLE postgres WITH SUPERUSER INHERIT LOGIN PASSWORD 'SCRAM-SHA-256$old';
            ALTER ROLE "my ""role""" WITH SUPERUSER LOGIN;
            ALTER ROLE other WITH LOGIN PASSWORD 'SCRAM-SHA-256$other';
            ALTER ROLE postgres SET work_mem TO '1GB';
            ALTER ROLE "my ""role""" SET statement_timeout TO '5s';
            ALTER ROLE "my ""role""" IN DATABASE shop SET search_path TO 'two
            lines; here';
            ALTER ROLE postgres2 WITH LOGIN PASSWORD 'x';
            COPY notes (text) FROM stdin;
            ALTER ROLE postgres WITH SUPERUSER INHERIT LOGIN PASSWORD 'a row, not a command';
            \.
            SELECT 1;
            """";
        var expected = dump.Split('\n');
        foreach (var gone in (int[])[2, 3, 6, 7, 8])
        {
            expected[gone] = "";
        }

        var read = Read(dump, partLength, "my \"role\"");

        Assert.Equal(string.Join('\n', expected), Assert.Single(read.Sections).Text);
    }

    [Theory]
    [MemberData(nameof(PartLengths))]
    public void Each_connect_begins_a_section_and_pg_dumps_restrict_lines_are_blank(int partLength)
    {
        const string dump = """"
            \restrict abc
            SELECT 0;
            \connect template1
            SELECT 1;
            \connect "Shop"
            SELECT 2;
            \connect -reuse-previous=on "dbname='a\'b c\\d""e'"
            SELECT 3;
            \encoding UTF8
            \connect -reuse-previous=on "dbname='evil' host=elsewhere"
            \connect db user elsewhere
            \connect "postgresql://elsewhere/x"
            """";

        var read = Read(dump, partLength);

        Assert.Equal(
            [
                ("", "\nSELECT 0;\n"),
                ("template1", "SELECT 1;\n"),
                ("Shop", "SELECT 2;\n"),
                (
                    "a'b c\\d\"e",
                    "SELECT 3;\n\n\\connect -reuse-previous=on \"dbname='evil' host=elsewhere\"\n"
                        + "\\connect db user elsewhere\n\\connect \"postgresql://elsewhere/x\""
                ),
            ],
            read.Sections
        );
        Assert.Equal(11, read.Gate.Lines);
    }

    // Each holds a line that reads like a command, where psql takes it for something else.
    [Theory]
    [InlineData("SELECT 'a\n\\connect x\n';\n")]
    [InlineData("SELECT 'it''s\n\\connect x\n';\n")]
    [InlineData("SELECT E'a\\'\n\\connect x\n';\n")]
    [InlineData("SELECT \"a\"\"\n\\connect x\n\";\n")]
    [InlineData("CREATE FUNCTION f() AS $$\n\\connect x\n$$ LANGUAGE sql;\n")]
    [InlineData("CREATE FUNCTION f() AS $_$ $$ $a\n\\connect x\n$_$ LANGUAGE sql;\n")]
    [InlineData("SELECT a$b$\n\\connect_not x\n$b$;\n")]
    [InlineData("/* a /* b */\n\\connect x\n*/ SELECT 1;\n")]
    [InlineData("COPY t FROM stdin;\n\\connect x\n\\.\n")]
    [InlineData("COPY \"t ; FROM\" (\"a\nb\") FROM stdin;\n\\connect x\n\\.x\n\\.\n")]
    [InlineData("copy t from stdin with (format csv);\n\\connect x\n\\.\r\n")]
    [InlineData("SELECT\n\\connect x\n;\n")]
    public void Other_places_are_no_commands(string script)
    {
        foreach (var length in PartLengths)
        {
            Assert.Equal(script, Assert.Single(Read(script, length.Data).Sections).Text);
        }
    }

    // …and the command behind it is one.
    [Theory]
    [InlineData("SELECT 'a\\';\n\\connect x\n")]
    [InlineData("SET standard_conforming_strings = off;\nSELECT 'a\\'';\n\\connect x\n")]
    [InlineData("SELECT 1; -- it's\n\\connect x\n")]
    [InlineData("-- it's $$\n\\connect x\n")]
    [InlineData("SELECT $1, a$b, 1-2, 3/4*5;\n\\connect x\n")]
    [InlineData("COPY t TO stdout;\n\\connect x\n")]
    [InlineData("COPY t FROM stdin;\n\\.\n\\connect x\n")]
    [InlineData("SELECT E'a\\\\';\n\\connect x\n")]
    public void A_command_is_seen_behind_what_only_looks_open(string script)
    {
        foreach (var length in PartLengths)
        {
            Assert.Equal("x", Read(script, length.Data).Sections[^1].Database);
        }
    }

    [Fact]
    public void The_lines_of_statements_that_rows_follow_are_known()
    {
        var read = Read(
            "SELECT 1;\nCOPY t FROM stdin;\n1\n\\.\nCOPY\n  u (a)\n  FROM stdin;\n\\.\nCOPY v TO stdout;\n",
            5
        );

        Assert.Equal([2L, 7L], Enumerable.Range(1, 10).Select(line => (long)line).Where(read.Gate.IsCopyStatement));
    }

    [Fact]
    public void The_attributes_of_another_superuser_stay_only_its_password_is_protected() =>
        Assert.Equal(
            "ALTER ROLE postgres WITH NOLOGIN;\n",
            Read("ALTER ROLE postgres WITH NOLOGIN;\n", 5, "me").Sections[0].Text
        );

    [Fact]
    public void A_line_of_any_length_passes_without_being_held()
    {
        var dump = "x;\nA" + new string('y', 300_000) + ";\nALTER ROLE me WITH LOGIN;\nz";

        Assert.Equal(
            dump.Replace("ALTER ROLE me WITH LOGIN;", "", StringComparison.Ordinal),
            Read(dump, 8192).Sections[0].Text
        );
    }

    private static (List<(string Database, string Text)> Sections, ScriptGate Gate) Read(
        string script,
        int partLength,
        string user = "me"
    )
    {
        var gate = new ScriptGate(user);
        var sections = new List<(string Database, string Text)>();
        var (database, text) = ("", new ArrayBufferWriter<byte>());
        foreach (var chunk in Encoding.UTF8.GetBytes(script).Chunk(partLength))
        {
            ReadOnlySpan<byte> part = chunk;
            while (!part.IsEmpty)
            {
                var step = gate.Take(part, text);
                if (step.PassesAsItIs)
                {
                    text.Write(part[..step.Taken]);
                }

                part = part[step.Taken..];
                if (step.Connect is { } next)
                {
                    sections.Add((database, Encoding.UTF8.GetString(text.WrittenSpan)));
                    (database, text) = (next, new ArrayBufferWriter<byte>());
                }
            }
        }

        gate.End(text);
        sections.Add((database, Encoding.UTF8.GetString(text.WrittenSpan)));
        return (sections, gate);
    }
}
