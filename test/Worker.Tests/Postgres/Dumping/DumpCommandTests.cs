using Granary.Worker.Postgres.Dumping;
using Granary.Worker.Postgres.Restoring;

namespace Granary.Worker.Tests.Postgres.Dumping;

public sealed class DumpCommandTests
{
    [Theory]
    [InlineData("pg_dumpall", "", "postgres,template1")]
    [InlineData("pg_dumpall", "-l other --clean", "other")]
    [InlineData("pg_dump", "", "app")] // libpq's default: the user's name
    [InlineData("pg_dump", "demo", "demo")]
    [InlineData("pg_dump", "--schema public demo", "demo")]
    [InlineData("pg_dump", "-Fc --dbname=demo", "demo")]
    [InlineData("pg_dump", "-t x -d demo", "demo")]
    [InlineData("pg_dump", "-vOxd demo", "demo")]
    public void The_database_is_the_one_that_the_tool_will_open(string program, string arguments, string expected) =>
        Assert.Equal(expected.Split(','), DumpCommand.Parse(program, arguments).Databases("app"));

    [Theory]
    [InlineData("pg_basebackup", "")]
    [InlineData("/bin/sh", "")]
    [InlineData("", "")]
    [InlineData("pg_dump", "-f /tmp/x")]
    [InlineData("pg_dump", "--file=/tmp/x")]
    [InlineData("pg_dump", "-Fd")]
    [InlineData("pg_dump", "--format directory")]
    [InlineData("pg_dump", "-W")]
    [InlineData("pg_dumpall", "-cf/tmp/x")]
    [InlineData("pg_dump", "--filter=/etc/passwd")]
    [InlineData("pg_dump", "--fil=/tmp/x")] // an abbreviation that pg_dump would take
    [InlineData("pg_dump", "--host=elsewhere")]
    [InlineData("pg_dump", "--dbname=host=elsewhere")]
    [InlineData("pg_dump", "postgresql://elsewhere/db")]
    [InlineData("pg_dump", "one two")]
    [InlineData("pg_dumpall", "-d postgresql://elsewhere/db")]
    [InlineData("pg_dumpall", "word")]
    [InlineData("pg_dump", "--table='a b")]
    public void What_reaches_a_file_a_program_or_another_server_is_refused(string program, string arguments) =>
        Assert.Throws<StepFailedException>(() => DumpCommand.Parse(program, arguments));

    [Theory]
    [InlineData(" --clean\t--exclude-database='a b' \n", "--clean|--exclude-database=a b")]
    [InlineData("--exclude-database=\"it's\"", "--exclude-database=it's")]
    [InlineData("--exclude-database=a\\ b --clean", "--exclude-database=a b|--clean")]
    [InlineData("--exclude-database=\"a\\\"b\\c\"", "--exclude-database=a\"b\\c")]
    [InlineData("--exclude-database=''", "--exclude-database=")]
    public void Quotes_mean_what_they_mean_to_a_shell(string arguments, string expected) =>
        Assert.Equal(expected.Split('|'), DumpCommand.Parse("pg_dumpall", arguments).Arguments);

    [Theory]
    [InlineData("", "app,postgres,template1")]
    [InlineData("--dbname=demo", "demo")]
    [InlineData("demo", "demo")]
    [InlineData("--set ON_ERROR_STOP=1 demo", "demo")]
    public void A_restore_looks_for_the_database_that_psql_will_open(string arguments, string expected) =>
        Assert.Equal(expected.Split(','), RestoreArguments.Parse(arguments).Databases("app"));

    [Theory]
    [InlineData("--file=x")]
    [InlineData("-c select")]
    [InlineData("--password")]
    [InlineData("--output=|touch /tmp/x")]
    [InlineData("-o /tmp/x")]
    [InlineData("-L /tmp/x")]
    [InlineData("--log-file=/tmp/x")]
    [InlineData("--pset=pager=always")]
    [InlineData("--set x=1")]
    [InlineData("--set=VERBOSITY=terse")]
    [InlineData("--out=/tmp/x")] // an abbreviation that psql would take
    [InlineData("--dbname=postgresql://elsewhere/db")]
    [InlineData("host=elsewhere")]
    [InlineData("one two")]
    [InlineData("--use-list=/etc/passwd")]
    public void What_reaches_a_file_a_program_or_another_server_is_refused_by_a_restore(string arguments) =>
        Assert.Throws<StepFailedException>(() => RestoreArguments.Parse(arguments));

    [Theory]
    [InlineData("", false)]
    [InlineData("--set ON_ERROR_STOP=1", false)]
    [InlineData("--set ON_ERROR_STOP=0", true)]
    [InlineData("-vON_ERROR_STOP=off", true)]
    [InlineData("--set=ON_ERROR_STOP=on --variable ON_ERROR_STOP=false", true)]
    public void Errors_are_ignored_only_when_asked_for(string arguments, bool expected) =>
        Assert.Equal(expected, RestoreArguments.Parse(arguments).IgnoresErrors);

    [Fact]
    public void Options_of_pg_restore_go_there_with_their_values()
    {
        var arguments = RestoreArguments.Parse(
            "--clean --if-exists --schema 'my shop' --set ON_ERROR_STOP=1 --role=owner demo"
        );

        Assert.Equal(["--clean", "--if-exists", "--schema", "my shop", "--role=owner"], arguments.PgRestore);
        Assert.Equal(["--set=ON_ERROR_STOP=1"], arguments.Psql);
        Assert.Equal("demo", arguments.Database);
    }
}
