using System.Collections.Frozen;

namespace Granary.Worker.Postgres.Restoring;

/// <summary>The user's arguments of a restore, shared out between psql and pg_restore.</summary>
internal sealed record RestoreArguments
{
    private static readonly FrozenSet<string> LongWithValue = FrozenSet.Create(
        StringComparer.Ordinal,
        "--dbname",
        "--set",
        "--variable",
        "--schema",
        "--exclude-schema",
        "--table",
        "--index",
        "--function",
        "--trigger",
        "--section",
        "--role",
        "--superuser",
        "--restrict-key",
        // Refused, but their values must not be taken for a database.
        "--command",
        "--file",
        "--log-file",
        "--output",
        "--pset",
        "--field-separator",
        "--record-separator",
        "--host",
        "--port",
        "--username",
        "--filter",
        "--use-list",
        "--jobs",
        "--format"
    );

    /// <summary>What psql may get: nothing that reaches a file, a program or another server.</summary>
    private static readonly FrozenSet<string> OfPsql = FrozenSet.Create(
        StringComparer.Ordinal,
        "-1",
        "--single-transaction",
        "-d",
        "--dbname",
        "-v",
        "--set",
        "--variable",
        "-q",
        "--quiet",
        "-X",
        "--no-psqlrc",
        "-w",
        "--no-password"
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

    private static readonly FrozenSet<string> Allowed = OfPsql.Concat(OfPgRestore).ToFrozenSet(StringComparer.Ordinal);

    private const string StopOnError = "ON_ERROR_STOP=";

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
    /// <exception cref="StepFailedException">An argument is not allowed, or a quote is not closed.</exception>
    public static RestoreArguments Parse(string? arguments)
    {
        var split = ToolArguments.Split(arguments);
        var read = new ToolArguments(split, "cdfvFLoPRThpU", LongWithValue);
        read.Allow("a restore", Allowed);
        if (read.Positional.Count > 1)
        {
            throw new StepFailedException(
                $"args has {read.Positional.Count} words that are no options; one is allowed, the database's name"
            );
        }

        var database = read.Value("-d", "--dbname") ?? (read.Positional is [var first] ? first : null);
        database = database is null ? null : ToolArguments.DatabaseName(database);
        var ignores = false;
        var isStrict = false;
        foreach (var setting in read.Values("-v", "--set", "--variable"))
        {
            if (!setting.StartsWith(StopOnError, StringComparison.Ordinal))
            {
                throw new StepFailedException($"args sets {setting.Split('=')[0]}; only ON_ERROR_STOP=… can be set");
            }

            ignores = Off.Contains(setting[StopOnError.Length..], StringComparer.OrdinalIgnoreCase);
            isStrict = !ignores;
        }

        string[] psql =
        [
            .. read.Has("-1", "--single-transaction") ? (string[])["--single-transaction"] : [],
            .. isStrict ? (string[])["--set=ON_ERROR_STOP=1"] : [],
        ];
        return new(psql, ForPgRestore(split), database, ignores);
    }

    private static List<string> ForPgRestore(string[] arguments)
    {
        var pgRestore = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i].Split('=', 2)[0];
            if (!OfPgRestore.Contains(name))
            {
                continue;
            }

            pgRestore.Add(arguments[i]);
            if (LongWithValue.Contains(name) && name.Length == arguments[i].Length && i + 1 < arguments.Length)
            {
                pgRestore.Add(arguments[++i]);
            }
        }

        return pgRestore;
    }
}
