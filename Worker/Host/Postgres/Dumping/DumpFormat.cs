using System.Text;

namespace Granary.Worker.Postgres.Dumping;

/// <summary>What a dump's first bytes say about it.</summary>
internal enum DumpKind
{
    /// <summary>SQL of one database, for psql.</summary>
    DatabaseScript,

    /// <summary>SQL of a whole cluster (pg_dumpall), for psql.</summary>
    ClusterScript,

    /// <summary>An archive (custom or tar format), for pg_restore.</summary>
    Archive,
}

/// <summary>Tells the dump formats apart.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="OldestReader">For an archive: the first PostgreSQL major whose pg_restore reads it.</param>
internal sealed record DumpFormat(DumpKind Kind, int OldestReader = 0)
{
    /// <summary>How many of the first bytes are looked at (a shorter dump is judged by what it has).</summary>
    public const int HeadLength = 512;

    private const int TarMagicOffset = 257;

    /// <summary>Judges a dump by its first bytes.</summary>
    public static DumpFormat Of(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PGDMP"u8))
        {
            return new(DumpKind.Archive, head.Length > 6 ? OldestReaderOf(head[5], head[6]) : 0);
        }

        if (head.Length > TarMagicOffset && head[TarMagicOffset..].StartsWith("ustar"u8))
        {
            return new(DumpKind.Archive);
        }

        var text = Encoding.UTF8.GetString(head);
        return new(
            text.Contains("-- PostgreSQL database cluster dump", StringComparison.Ordinal)
                ? DumpKind.ClusterScript
                : DumpKind.DatabaseScript
        );
    }

    /// <summary>
    /// Archive versions rise now and then: 1.15 came with PostgreSQL 16, 1.16 with 17. Older ones every client reads.
    /// </summary>
    private static int OldestReaderOf(byte major, byte minor) =>
        (major, minor) switch
        {
            (> 1, _) or (1, > 16) => 19,
            (1, 16) => 17,
            (1, 15) => 16,
            _ => 0,
        };
}
