using Granary.Worker.Postgres.Dumping;

namespace Granary.Worker.Tests.Postgres.Dumping;

public sealed class DumpFormatTests
{
    [Theory]
    [InlineData(1, 14, 0)]
    [InlineData(1, 15, 16)]
    [InlineData(1, 16, 17)]
    [InlineData(1, 17, 19)]
    public void An_archive_says_who_can_read_it(byte major, byte minor, int oldestReader) =>
        Assert.Equal(new DumpFormat(DumpKind.Archive, oldestReader), DumpFormat.Of([.. "PGDMP"u8, major, minor, 0]));

    [Fact]
    public void A_tar_is_an_archive()
    {
        var head = new byte[DumpFormat.HeadLength];
        "ustar"u8.CopyTo(head.AsSpan(257));

        Assert.Equal(DumpKind.Archive, DumpFormat.Of(head).Kind);
    }

    [Fact]
    public void Scripts_of_a_cluster_and_of_a_database_are_told_apart()
    {
        Assert.Equal(DumpKind.ClusterScript, DumpFormat.Of("--\n-- PostgreSQL database cluster dump\n--\n"u8).Kind);
        Assert.Equal(DumpKind.DatabaseScript, DumpFormat.Of("--\n-- PostgreSQL database dump\n--\n"u8).Kind);
        Assert.Equal(DumpKind.DatabaseScript, DumpFormat.Of([]).Kind);
    }
}
