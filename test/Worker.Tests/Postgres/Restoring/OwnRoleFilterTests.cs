using System.Buffers;
using System.Text;
using Granary.Worker.Postgres.Restoring;

namespace Granary.Worker.Tests.Postgres.Restoring;

public sealed class OwnRoleFilterTests
{
    private const string Dump = """"
        -- PostgreSQL database cluster dump
        CREATE ROLE postgres;
        ALTER ROLE postgres WITH SUPERUSER INHERIT LOGIN PASSWORD 'SCRAM-SHA-256$old';
        ALTER ROLE "my ""role""" WITH SUPERUSER LOGIN;
        ALTER ROLE other WITH LOGIN PASSWORD 'SCRAM-SHA-256$other';
        ALTER ROLE postgres SET work_mem TO '1GB';
        ALTER ROLE postgres2 WITH LOGIN PASSWORD 'x';
        \connect template1
        COPY notes (text) FROM stdin;
        ALTER ROLE postgres WITH SUPERUSER INHERIT LOGIN PASSWORD 'a row, not a command';
        \.
        """";

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Only_the_lines_of_the_own_role_go_and_line_numbers_stay(int partLength)
    {
        var expected = Dump.Split('\n');
        expected[2] = "";
        expected[3] = "";

        Assert.Equal(string.Join('\n', expected), Filter("my \"role\"", Dump, partLength));
    }

    [Fact]
    public void The_attributes_of_another_superuser_stay_only_its_password_is_protected() =>
        Assert.Contains(
            "ALTER ROLE postgres WITH NOLOGIN",
            Filter("me", "ALTER ROLE postgres WITH NOLOGIN;\n", 5),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_line_of_any_length_passes_without_being_held()
    {
        var dump = "x\n" + new string('y', 300_000) + "\nALTER ROLE me WITH LOGIN;\nz";

        Assert.Equal("x\n" + new string('y', 300_000) + "\n\nz", Filter("me", dump, 8192));
    }

    private static string Filter(string user, string dump, int partLength)
    {
        var filter = new OwnRoleFilter(user);
        var output = new ArrayBufferWriter<byte>();
        foreach (var part in Encoding.UTF8.GetBytes(dump).Chunk(partLength))
        {
            filter.Filter(part, output);
        }

        filter.End(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
