namespace Granary.Api.Names;

/// <summary>Secret keys with a meaning. Source: stash-behaviour §1.2 and §4.1.</summary>
public static class SecretKeys
{
    public const string RepositoryPassword = "RESTIC_PASSWORD";

    /// <summary>The path of a file with the repository's password; for users of restic.</summary>
    public const string RepositoryPasswordFile = "RESTIC_PASSWORD_FILE";

    public const string CaCertData = "CA_CERT_DATA";
    public const string Username = "username";
    public const string Password = "password";
    public const string PostgresUser = "POSTGRES_USER";
    public const string PostgresPassword = "POSTGRES_PASSWORD";
}
