namespace Granary.Worker.Postgres.Restoring.Scripts;

/// <summary>Tells the statements of a dump that would change the role which restores it.</summary>
/// <remarks>
/// pg_dumpall writes <c>ALTER ROLE postgres WITH SUPERUSER … PASSWORD '…';</c>. Run on another server it would replace
/// that server's own password by the old one, and so lock out everything that knows the new one.
/// <c>ALTER ROLE postgres SET statement_timeout …</c> would govern every session that restores after it.
/// </remarks>
internal static class OwnRole
{
    private const string Superuser = "postgres";

    /// <summary>Whether a line that begins with <c>ALTER ROLE</c> changes the connected role.</summary>
    /// <param name="line">The line.</param>
    /// <param name="connectedUser">The role that restores.</param>
    public static bool IsChangedBy(string line, string connectedUser)
    {
        var rest = line["ALTER ROLE ".Length..];
        return Is(rest, connectedUser, " WITH ", " SET ", " IN DATABASE ")
            || (Is(rest, Superuser, " WITH ") && rest.Contains(" PASSWORD '", StringComparison.Ordinal));
    }

    /// <summary>Names are quoted only where SQL asks for it.</summary>
    private static bool Is(string rest, string role, params IReadOnlyList<string> followers)
    {
        var quoted = $"\"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        return followers.Any(follower =>
            rest.StartsWith($"{role}{follower}", StringComparison.Ordinal)
            || rest.StartsWith($"{quoted}{follower}", StringComparison.Ordinal)
        );
    }
}
