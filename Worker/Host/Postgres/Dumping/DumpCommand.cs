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
        if (read.Has("-f", "--file"))
        {
            throw new StepFailedException(
                "args has --file: the dump is streamed into the repository and cannot go to a file"
            );
        }

        if (program == PgDump && read.Value("-F", "--format") is ['d', ..])
        {
            throw new StepFailedException(
                "args asks for the directory format, which cannot be streamed; use plain or custom (-Fc)"
            );
        }

        if (read.Has("-W", "--password"))
        {
            throw new StepFailedException(
                "args has --password: nobody is there to type one; it is taken from the AppBinding's Secret"
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

        // A connection string may name the database or not; the tool finds out.
        return string.IsNullOrEmpty(name) || ToolArguments.IsConnectionString(name) ? null : name;
    }
}
