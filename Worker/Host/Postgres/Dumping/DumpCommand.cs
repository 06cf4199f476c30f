using System.Collections.Frozen;

namespace Granary.Worker.Postgres.Dumping;

/// <summary>Which dump program runs, with which of the user's arguments.</summary>
internal sealed record DumpCommand
{
    private const string PgDump = "pg_dump";
    private const string PgDumpAll = "pg_dumpall";

    private static readonly FrozenSet<string> LongWithValue = FrozenSet.Create(
        StringComparer.Ordinal,
        "--file",
        "--format",
        "--jobs",
        "--compress",
        "--encoding",
        "--extension",
        "--schema",
        "--exclude-schema",
        "--table",
        "--exclude-table",
        "--superuser",
        "--lock-wait-timeout",
        "--role",
        "--dbname",
        "--database",
        "--host",
        "--port",
        "--username",
        "--snapshot",
        "--section",
        "--extra-float-digits",
        "--rows-per-insert",
        "--include-foreign-data",
        "--exclude-table-data",
        "--exclude-database",
        "--filter",
        "--restrict-key",
        "--sync-method",
        "--exclude-extension",
        "--table-and-children",
        "--exclude-table-and-children",
        "--exclude-table-data-and-children"
    );

    /// <summary>What both may get: nothing that reaches a file, a program or another server.</summary>
    private static readonly string[] OfBoth =
    [
        "-a",
        "--data-only",
        "-c",
        "--clean",
        "-E",
        "--encoding",
        "-O",
        "--no-owner",
        "-s",
        "--schema-only",
        "-S",
        "--superuser",
        "-v",
        "--verbose",
        "-w",
        "--no-password",
        "-x",
        "--no-privileges",
        "--no-acl",
        "--attribute-inserts",
        "--column-inserts",
        "--disable-dollar-quoting",
        "--disable-triggers",
        "--extra-float-digits",
        "--if-exists",
        "--inserts",
        "--load-via-partition-root",
        "--lock-wait-timeout",
        "--no-comments",
        "--no-data",
        "--no-policies",
        "--no-publications",
        "--no-schema",
        "--no-security-labels",
        "--no-statistics",
        "--no-subscriptions",
        "--no-sync",
        "--no-table-access-method",
        "--no-tablespaces",
        "--no-toast-compression",
        "--no-unlogged-table-data",
        "--on-conflict-do-nothing",
        "--quote-all-identifiers",
        "--restrict-key",
        "--role",
        "--rows-per-insert",
        "--sequence-data",
        "--statistics",
        "--statistics-only",
        "--sync-method",
        "--use-set-session-authorization",
        "--with-statistics",
    ];

    private static readonly FrozenSet<string> OfPgDump = OfBoth
        .Concat([
            "-b",
            "--large-objects",
            "--blobs",
            "-B",
            "--no-large-objects",
            "--no-blobs",
            "-C",
            "--create",
            "-d",
            "--dbname",
            "-e",
            "--extension",
            "-F",
            "--format",
            "-n",
            "--schema",
            "-N",
            "--exclude-schema",
            "-t",
            "--table",
            "-T",
            "--exclude-table",
            "-Z",
            "--compress",
            "--enable-row-security",
            "--exclude-extension",
            "--exclude-table-and-children",
            "--exclude-table-data",
            "--exclude-table-data-and-children",
            "--include-foreign-data",
            "--no-synchronized-snapshots",
            "--section",
            "--serializable-deferrable",
            "--snapshot",
            "--strict-names",
            "--table-and-children",
        ])
        .ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> OfPgDumpAll = OfBoth
        .Concat([
            "-g",
            "--globals-only",
            "-l",
            "--database",
            "-r",
            "--roles-only",
            "-t",
            "--tablespaces-only",
            "--exclude-database",
            "--no-role-passwords",
        ])
        .ToFrozenSet(StringComparer.Ordinal);

    private DumpCommand(string program, IReadOnlyList<string> arguments, string? database)
    {
        Program = program;
        Arguments = arguments;
        Database = database;
    }

    /// <summary><c>pg_dump</c> or <c>pg_dumpall</c>.</summary>
    public string Program { get; }

    /// <summary>The user's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>The database that the arguments name, or null.</summary>
    public string? Database { get; }

    /// <summary>Reads the parameters <c>backupCMD</c> and <c>args</c>.</summary>
    /// <exception cref="StepFailedException">
    /// Another program, or an argument that would keep the dump from standard output.
    /// </exception>
    public static DumpCommand Parse(string program, string? arguments)
    {
        if (program is not (PgDump or PgDumpAll))
        {
            throw new StepFailedException($"backupCMD is '{program}'; only pg_dump and pg_dumpall can be run");
        }

        var split = ToolArguments.Split(arguments);
        var read = new ToolArguments(split, program == PgDump ? "deEfFhjnNpStTUZ" : "dEfhlpSU", LongWithValue);
        read.Allow(program, program == PgDump ? OfPgDump : OfPgDumpAll);
        if (program == PgDump && read.Value("-F", "--format") is ['d', ..])
        {
            throw new StepFailedException(
                "args asks for the directory format, which cannot be streamed; use plain or custom (-Fc)"
            );
        }

        var most = program == PgDump ? 1 : 0;
        if (read.Positional.Count > most)
        {
            throw new StepFailedException(
                $"args has the word '{read.Positional[most]}', which is no option; "
                    + (program == PgDump ? "pg_dump takes one, the database's name" : "pg_dumpall takes none")
            );
        }

        return new(program, split, Named(program, read));
    }

    /// <summary>
    /// Databases to look for before the dump starts; the tool itself opens the first of them that exists.
    /// </summary>
    /// <param name="user">The connecting role: libpq's default database has its name.</param>
    public IReadOnlyList<string> Databases(string user)
    {
        if (Database is { } named)
        {
            return [named];
        }

        return Program == PgDumpAll ? ["postgres", "template1"] : [user];
    }

    private static string? Named(string program, ToolArguments arguments)
    {
        var name =
            program == PgDump
                ? arguments.Value("-d", "--dbname") ?? (arguments.Positional is [.., var last] ? last : null)
                : arguments.Value("-l", "--database");

        return string.IsNullOrEmpty(name) ? null : ToolArguments.DatabaseName(name);
    }
}
