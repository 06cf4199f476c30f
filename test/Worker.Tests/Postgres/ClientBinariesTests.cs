using Granary.TestSupport;
using Granary.Worker.Postgres;

namespace Granary.Worker.Tests.Postgres;

public sealed class ClientBinariesTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    [Theory]
    [InlineData(15, 15)] // its own
    [InlineData(17, 17)]
    [InlineData(16, 18)] // the newest, as its own is missing
    [InlineData(9, 18)]
    public void A_dump_is_made_by_the_servers_own_client_or_the_newest(int server, int expected) =>
        Assert.Equal(expected, Installed("15", "17", "18").ForDump(server).Major);

    [Fact]
    public void A_dump_of_a_server_newer_than_every_client_is_refused_with_what_there_is()
    {
        var refusal = Assert.Throws<StepFailedException>(() => Installed("15", "17").ForDump(18));

        Assert.Contains("PostgreSQL 18", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("15, 17", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restore_takes_the_newest_client() => Assert.Equal(18, Installed("15", "18", "17").ForRestore().Major);

    [Theory]
    [InlineData(15, 0, 15)]
    [InlineData(15, 17, 18)] // 15's pg_restore does not read 17's archives
    [InlineData(17, 17, 17)]
    public void An_archive_takes_a_client_that_reads_it(int server, int oldestReader, int expected) =>
        Assert.Equal(expected, Installed("15", "17", "18").ForArchive(server, oldestReader).Major);

    [Fact]
    public void An_archive_that_no_client_reads_is_refused() =>
        Assert.Throws<StepFailedException>(() => Installed("15").ForArchive(15, 17));

    [Fact]
    public void No_client_at_all_is_said() =>
        Assert.Contains(
            _folder.Path,
            Assert.Throws<StepFailedException>(() => Installed().ForRestore()).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_first_root_with_a_major_wins_and_other_folders_do_not_count()
    {
        Install("a", "17");
        Install("b", "17");
        Install("b", "9.6");
        Directory.CreateDirectory(_folder["b/readme"]);
        Directory.CreateDirectory(_folder["b/16/bin"]);

        var clients = new ClientBinaries([_folder["a"], _folder["missing"], _folder["b"]]);

        Assert.Equal([9, 17], clients.Majors);
        Assert.Equal(_folder["a/17/bin/psql"], clients.ForRestore()["psql"]);
    }

    public void Dispose() => _folder.Dispose();

    private ClientBinaries Installed(params string[] majors)
    {
        foreach (var major in majors)
        {
            Install("root", major);
        }

        return new([_folder["root"]]);
    }

    private void Install(string root, string major)
    {
        var programs = Path.Combine(_folder[root], major, "bin");
        Directory.CreateDirectory(programs);
        File.WriteAllText(Path.Combine(programs, "psql"), "");
    }
}
