using System.Collections.Frozen;

namespace Granary.Worker.Postgres.Restoring;

/// <summary>The user's arguments of a restore, shared out between psql and pg_restore.</summary>
internal sealed record RestoreArguments
{
    private static readonly FrozenSet<string> LongWithValue = FrozenSet.Create(
        StringComparer.Ordinal,
        "--command",
        "--dbname",
        "--file",
        "--set",
        "--variable",
        "--log-file",
        "--output",
        "--field-separator",
        "--pset",
        "--record-separator",
        "--table-attr",
        "--host",
        "--port",
        "--username",
        "--schema",
        "--exclude-schema",
        "--table",
        "--index",
        "--function",
        "--trigger",
        "--section",
        "--role",
        "--superuser",
        "--filter",
        "--use-list",
        "--jobs",
        "--format",
        "--restrict-key"
    );

    /// <summary>Options that only pg_restore knows. They choose what an archive is turned into.</summary>
    private static readonly FrozenSet<string> OfPgRestore = FrozenSet.Create(
        StringComparer.Ordinal,
        "--clean",
        "--if-exists",
        "--create",
        "--no-owner",
        "--no-privileges",
        "--no-acl",
        "--no-comments",
        "--no-publications",
        "--no-subscriptions",
        "--no-security-labels",
        "--no-tablespaces",
        "--no-table-access-method",
        "--no-policies",
        "--no-statistics",
        "--data-only",
        "--schema-only",
        "--disable-triggers",
        "--enable-row-security",
        "--strict-names",
        "--no-data-for-failed-tables",
        "--use-set-session-authorization",
        "--section",
        "--role",
        "--superuser",
        "--schema",
        "--exclude-schema",
        "--table",
        "--index",
        "--function",
        "--trigger",
        "--restrict-key"
    );

    private static readonly string[] Off = ["0", "off", "false", "no"];

    private RestoreArguments(
        IReadOnlyList<string> psql,
        IReadOnlyList<string> pgRestore,
        string? database,
        bool ignoresErrors
    )
    {
        Psql = psql;
        PgRestore = pgRestore;
        Database = database;
        IgnoresErrors = ignoresErrors;
    }

    /// <summary>What psql gets.</summary>
    public IReadOnlyList<string> Psql { get; }

    /// <summary>What pg_restore gets, when the dump is an archive.</summary>
    public IReadOnlyList<string> PgRestore { get; }

    /// <summary>The database that the arguments name, or null.</summary>
    public string? Database { get; }

    /// <summary>Whether <c>--set ON_ERROR_STOP=0</c> asks to call a restore good in spite of SQL errors.</summary>
    public bool IgnoresErrors { get; }

    /// <summary>Databases to look for before the restore starts.</summary>
    /// <param name="user">The connecting role: libpq's default database has its name.</param>
    public IReadOnlyList<string> Databases(string user) =>
        Database is { } named ? [named] : [.. new[] { user, "postgres", "template1" }.Distinct()];

    /// <summary>Reads the parameter <c>args</c>.</summary>
    /// <exception cref="StepFailedException">An argument that would keep psql from reading the dump.</exception>
    public static RestoreArguments Parse(string? arguments)
    {
        var split = ToolArguments.Split(arguments);
        var read = new ToolArguments(split, "cdfvFLoPRThpU", LongWithValue);
        foreach (
            var (names, why) in new (string[], string)[]
            {
                (["-f", "--file", "-c", "--command"], "the dump is what psql reads, nothing else"),
                (["-W", "--password"], "nobody is there to type one; it is taken from the AppBinding's Secret"),
            }
        )
        {
            if (read.Has(names))
            {
                throw new StepFailedException($"args has {names[^1]}: {why}");
            }
        }

        var (psql, pgRestore) = Share(split);
        var database = read.Value("-d", "--dbname") ?? (read.Positional is [var first, ..] ? first : null);
        if (database is not null && ToolArguments.IsConnectionString(database))
        {
            database = null;
        }

        var stop = read.Values("-v", "--set", "--variable")
            .LastOrDefault(value => value.StartsWith("ON_ERROR_STOP=", StringComparison.Ordinal));
        var ignores =
            stop is not null && Off.Contains(stop["ON_ERROR_STOP=".Length..], StringComparer.OrdinalIgnoreCase);
        return new(psql, pgRestore, database, ignores);
    }

    private static (List<string> Psql, List<string> PgRestore) Share(string[] arguments)
    {
        List<string> psql = [],
            pgRestore = [];
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i].Split('=', 2)[0];
            if (!OfPgRestore.Contains(name))
            {
                psql.Add(arguments[i]);
                continue;
            }

            pgRestore.Add(arguments[i]);
            if (LongWithValue.Contains(name) && name.Length == arguments[i].Length && i + 1 < arguments.Length)
            {
                pgRestore.Add(arguments[++i]);
            }
        }

        return (psql, pgRestore);
    }
}
