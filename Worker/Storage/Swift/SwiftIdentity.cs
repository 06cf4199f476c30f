using Granary.Storage.Http;

namespace Granary.Storage.Swift;

/// <summary>How a Swift account is entered; one of the kinds below.</summary>
public abstract record SwiftIdentity
{
    private protected SwiftIdentity() { }

    internal abstract IEnumerable<Secret?> Secrets { get; }

    /// <summary>Refuses values that cannot work, by the names of their keys.</summary>
    internal abstract void Check(string location);
}

/// <summary>Swift's own first scheme (TempAuth): <c>ST_AUTH</c>, <c>ST_USER</c>, <c>ST_KEY</c>.</summary>
/// <param name="AuthUrl">The whole address to ask: <c>https://host/auth/v1.0</c>.</param>
/// <param name="User">For example <c>account:user</c>.</param>
/// <param name="Key">The user's key.</param>
public sealed record SwiftVersionOne(string AuthUrl, string User, Secret Key) : SwiftIdentity
{
    internal override IEnumerable<Secret?> Secrets => [Key];

    internal override void Check(string location)
    {
        Credentials.RequireAddress(location, "ST_AUTH", AuthUrl);
        Credentials.RequireHeaders(location, ("ST_USER", User), ("ST_KEY", Key.Reveal()));
    }
}

/// <summary>A token from elsewhere: <c>OS_STORAGE_URL</c>, <c>OS_AUTH_TOKEN</c>. It cannot be renewed.</summary>
/// <param name="StorageUrl">The account's address.</param>
/// <param name="Token">The token.</param>
public sealed record SwiftToken(string StorageUrl, Secret Token) : SwiftIdentity
{
    internal override IEnumerable<Secret?> Secrets => [Token];

    internal override void Check(string location)
    {
        Credentials.RequireAddress(location, "OS_STORAGE_URL", StorageUrl);
        Credentials.RequireHeaders(location, ("OS_AUTH_TOKEN", Token.Reveal()));
    }
}

/// <summary>
/// Keystone, version 3 (the variables <c>OS_…</c>): user and password in a project, or an application credential.
/// </summary>
public sealed record SwiftKeystone : SwiftIdentity
{
    /// <summary>
    /// <c>OS_AUTH_URL</c>; <c>/v3</c> is added where the path has no version, and replaces <c>/v2.0</c>.
    /// </summary>
    public required string AuthUrl { get; init; }

    /// <summary><c>OS_REGION_NAME</c>. Default: the first region that offers object storage.</summary>
    public string? Region { get; init; }

    /// <summary><c>OS_USERNAME</c>.</summary>
    public string? UserName { get; init; }

    /// <summary><c>OS_USER_ID</c>, instead of name and domain.</summary>
    public string? UserId { get; init; }

    /// <summary><c>OS_USER_DOMAIN_NAME</c>. Without name and id: the domain with the id <c>default</c>.</summary>
    public string? UserDomainName { get; init; }

    /// <summary><c>OS_USER_DOMAIN_ID</c>.</summary>
    public string? UserDomainId { get; init; }

    /// <summary><c>OS_PASSWORD</c>.</summary>
    public Secret? Password { get; init; }

    /// <summary><c>OS_PROJECT_NAME</c>, or <c>OS_TENANT_NAME</c> as it was called.</summary>
    public string? ProjectName { get; init; }

    /// <summary><c>OS_PROJECT_ID</c>, or <c>OS_TENANT_ID</c>.</summary>
    public string? ProjectId { get; init; }

    /// <summary><c>OS_PROJECT_DOMAIN_NAME</c>. Without name and id: the user's domain.</summary>
    public string? ProjectDomainName { get; init; }

    /// <summary><c>OS_PROJECT_DOMAIN_ID</c>.</summary>
    public string? ProjectDomainId { get; init; }

    /// <summary>
    /// <c>OS_TRUST_ID</c>: the rights that another user has delegated to this one, instead of a project.
    /// </summary>
    public string? TrustId { get; init; }

    /// <summary><c>OS_APPLICATION_CREDENTIAL_ID</c>.</summary>
    public string? ApplicationCredentialId { get; init; }

    /// <summary><c>OS_APPLICATION_CREDENTIAL_NAME</c>, together with the user.</summary>
    public string? ApplicationCredentialName { get; init; }

    /// <summary><c>OS_APPLICATION_CREDENTIAL_SECRET</c>.</summary>
    public Secret? ApplicationCredentialSecret { get; init; }

    internal override IEnumerable<Secret?> Secrets => [Password, ApplicationCredentialSecret];

    internal override void Check(string location)
    {
        Credentials.RequireAddress(location, "OS_AUTH_URL", AuthUrl);
        Credentials.RequireText(
            location,
            ("OS_PASSWORD", Password?.Reveal()),
            ("OS_APPLICATION_CREDENTIAL_SECRET", ApplicationCredentialSecret?.Reveal()),
            ("OS_USERNAME", UserName),
            ("OS_PROJECT_NAME", ProjectName)
        );
    }
}
