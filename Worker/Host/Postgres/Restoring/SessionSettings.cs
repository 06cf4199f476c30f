namespace Granary.Worker.Postgres.Restoring;

/// <summary>
/// Settings of the sessions that restore. A dump brings settings of roles and databases with it
/// (<c>ALTER DATABASE … SET default_transaction_read_only</c>), which govern every later session, the restore's own
/// included; these take their place.
/// </summary>
internal static class SessionSettings
{
    private const int IdleSessionTimeoutSince = 14;
    private const int TransactionTimeoutSince = 17;

    /// <summary>The argument of psql that sets them.</summary>
    /// <param name="serverMajor">The server's major version: an older one knows fewer of them.</param>
    public static string Argument(int serverMajor)
    {
        var settings = new List<string>
        {
            "SET default_transaction_read_only = off",
            "SET default_transaction_deferrable = off",
            "SET default_transaction_isolation = 'read committed'",
            "SET statement_timeout = 0",
            "SET lock_timeout = 0",
            "SET idle_in_transaction_session_timeout = 0",
            "SET search_path = \"$user\", public",
            "SET ROLE NONE",
        };
        if (serverMajor >= IdleSessionTimeoutSince)
        {
            settings.Add("SET idle_session_timeout = 0");
        }

        if (serverMajor >= TransactionTimeoutSince)
        {
            settings.Add("SET transaction_timeout = 0");
        }

        return $"--command={string.Join("; ", settings)}";
    }
}
