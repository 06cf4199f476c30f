using Granary.TestSupport;

namespace Granary.Benchmarks;

/// <summary>One of the two programs that are compared: how it is called for each operation.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Environment">Repository, password, credentials.</param>
/// <param name="Program">The command line's beginning.</param>
internal sealed record Tool(string Name, IReadOnlyDictionary<string, string> Environment, string Program)
{
    private const string Dump = "pg_dumpall";

    /// <summary>The shell pipelines, with <c>$TIME</c> before the measured client.</summary>
    public string Init => $"$TIME {Program} init";

    /// <summary>The producer without a consumer that takes time.</summary>
    public static string DumpProgramAlone => $"$TIME {Dump} > /dev/null";

    /// <summary>A backup of the whole server through a pipe.</summary>
    public string Backup => $"{Dump} | {BackupOfPipe}";

    /// <summary>
    /// A backup of the dump that <c>RECORDED</c> names: what the pipeline costs when its producer costs next to
    /// nothing.
    /// </summary>
    public string BackupOfRecording => $"cat $RECORDED | {BackupOfPipe}";

    /// <summary>Writes down what the dump program prints.</summary>
    public static string Record => $"$TIME {Dump} > $RECORDED";

    /// <summary>The newest dump, thrown away.</summary>
    public string DumpToNothing => $"$TIME {Program} dump latest dumpfile.sql > /dev/null";

    /// <summary>The newest dump, into the server that <c>TARGET_*</c> names.</summary>
    public string Restore =>
        $"$TIME {Program} dump latest dumpfile.sql | PGHOST=$TARGET_HOST PGPORT=$TARGET_PORT "
        + "PGSSLROOTCERT=$TARGET_CA psql -X -q -o /dev/null 2>/dev/null";

    /// <summary>Deletes all but the newest snapshot, and what only the others needed.</summary>
    public string Prune => $"$TIME {Program} forget --keep-last 1 --prune";

    private string BackupOfPipe => $"$TIME {Program} backup --stdin --stdin-filename dumpfile.sql --host bench";

    /// <summary>restic as <c>make tools</c> installed it.</summary>
    public static Tool Restic(IReadOnlyDictionary<string, string> environment) =>
        new("restic", environment, $"{RepositoryRoot.Tool("restic")} --no-cache");

    /// <summary>The worker of this checkout, published as it ships.</summary>
    public static Tool Ours(IReadOnlyDictionary<string, string> environment) =>
        new("granary", environment, Path.Combine(RepositoryRoot.Path, "test/Benchmarks/bin/worker/Granary.Worker"));
}
