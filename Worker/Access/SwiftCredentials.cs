using Granary.Storage.Swift;

namespace Granary.Access;

/// <summary>Which of Swift's ways in a storage Secret is for.</summary>
public static class SwiftCredentials
{
    /// <summary>A ready token, else Swift's first scheme, else Keystone; by the keys that are there.</summary>
    /// <exception cref="StepFailedException">A key that the chosen way needs is missing.</exception>
    public static SwiftIdentity Identity(StorageCredentials credentials)
    {
        if (credentials.Text("OS_STORAGE_URL") is { } storageUrl)
        {
            return new SwiftToken(storageUrl, credentials.Required("OS_AUTH_TOKEN"));
        }

        if (credentials.Text("ST_AUTH") is { } authUrl)
        {
            return new SwiftVersionOne(
                authUrl,
                credentials.Required("ST_USER").Reveal(),
                credentials.Required("ST_KEY")
            );
        }

        return new SwiftKeystone
        {
            AuthUrl = credentials.Required("OS_AUTH_URL").Reveal(),
            Region = credentials.Text("OS_REGION_NAME"),
            UserName = credentials.Text("OS_USERNAME"),
            UserId = credentials.Text("OS_USER_ID"),
            UserDomainName = credentials.Text("OS_USER_DOMAIN_NAME"),
            UserDomainId = credentials.Text("OS_USER_DOMAIN_ID"),
            Password = credentials["OS_PASSWORD"],
            ProjectName = credentials.Text("OS_PROJECT_NAME") ?? credentials.Text("OS_TENANT_NAME"),
            ProjectId = credentials.Text("OS_PROJECT_ID") ?? credentials.Text("OS_TENANT_ID"),
            ProjectDomainName = credentials.Text("OS_PROJECT_DOMAIN_NAME"),
            ProjectDomainId = credentials.Text("OS_PROJECT_DOMAIN_ID"),
            TrustId = credentials.Text("OS_TRUST_ID"),
            ApplicationCredentialId = credentials.Text("OS_APPLICATION_CREDENTIAL_ID"),
            ApplicationCredentialName = credentials.Text("OS_APPLICATION_CREDENTIAL_NAME"),
            ApplicationCredentialSecret = credentials["OS_APPLICATION_CREDENTIAL_SECRET"],
        };
    }
}
