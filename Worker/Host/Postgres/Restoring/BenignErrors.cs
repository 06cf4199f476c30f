using System.Text.RegularExpressions;

namespace Granary.Worker.Postgres.Restoring;

/// <summary>Which errors a sound dump raises on a sound server, because of what that server has already.</summary>
/// <remarks>
/// pg_dumpall writes scripts for an empty cluster, yet every cluster has its first role and databases; with
/// <c>--clean</c> it drops what may not exist. Each rule names the statement as well as the code: "already exists" is
/// harmless for a role, whose attributes the next statement sets, and a lost table for a table. Everything not listed
/// fails the restore.
/// </remarks>
internal static partial class BenignErrors
{
    private const string DuplicateObject = "42710";
    private const string DuplicateDatabase = "42P04";
    private const string DuplicateSchema = "42P06";
    private const string ObjectInUse = "55006";
    private const string DependentObjectsExist = "2BP01";
    private const string InsufficientPrivilege = "42501";
    private const string UndefinedObject = "42704";
    private const string UndefinedFunction = "42883";

    /// <summary>Codes of "there is no such thing": object, table, column, database, schema, function.</summary>
    private static readonly string[] Undefined =
    [
        UndefinedObject,
        "42P01",
        "42703",
        "3D000",
        "3F000",
        UndefinedFunction,
    ];

    /// <summary>Whether the error leaves nothing out of what the dump wants to be there.</summary>
    public static bool Covers(SqlError error)
    {
        var statement = error.Statement;
        return error.SqlState switch
        {
            DuplicateObject => Starts(statement, "CREATE ROLE ")
                || Starts(statement, "CREATE USER ")
                || Starts(statement, "CREATE TABLESPACE "),
            DuplicateDatabase => Starts(statement, "CREATE DATABASE "),
            DuplicateSchema => Starts(statement, "CREATE SCHEMA public"),

            // The role or database in use right now: the dump creates it again with the next statements, which then
            // change it.
            ObjectInUse => Starts(statement, "DROP ROLE ") || OpenDatabase().IsMatch(error.Message),
            DependentObjectsExist => Starts(statement, "DROP ROLE "),

            // A dump from a newer (or much older) server sets what this one does not have.
            UndefinedObject when SessionSetting().IsMatch(statement) => true,

            // Planner statistics of a newer server; this one makes its own.
            UndefinedFunction when Starts(statement, "SELECT * FROM pg_catalog.pg_restore_") => true,

            // The comment of an extension that came with the server belongs to the server's owner.
            InsufficientPrivilege => Starts(statement, "COMMENT ON EXTENSION "),
            var code => Undefined.Contains(code) && (Starts(statement, "DROP ") || AlterDrop().IsMatch(statement)),
        };
    }

    private static bool Starts(string statement, string with) => statement.StartsWith(with, StringComparison.Ordinal);

    [GeneratedRegex("^SET [a-z_]+ = ", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SessionSetting();

    [GeneratedRegex(
        "^ALTER (TABLE|DOMAIN|PUBLICATION|FOREIGN TABLE) .* DROP (CONSTRAINT|DEFAULT|IDENTITY|TABLE)\\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex AlterDrop();

    [GeneratedRegex("^cannot drop the currently open database$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OpenDatabase();
}
