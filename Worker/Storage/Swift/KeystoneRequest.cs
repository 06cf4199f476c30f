using System.Text.Json.Nodes;

namespace Granary.Storage.Swift;

/// <summary>
/// The question that Keystone's version 3 is asked for a token. Source: Identity API v3, "Authentication and token
/// management".
/// </summary>
internal static class KeystoneRequest
{
    private static readonly string[] OtherVersions = ["/v2.0", "/v2"];

    /// <summary>Where to ask.</summary>
    public static string UrlOf(SwiftKeystone identity)
    {
        var url = identity.AuthUrl.TrimEnd('/');
        foreach (var version in OtherVersions)
        {
            url = url.EndsWith(version, StringComparison.Ordinal) ? url[..^version.Length] : url;
        }

        return url.EndsWith("/v3", StringComparison.Ordinal) ? $"{url}/auth/tokens" : $"{url}/v3/auth/tokens";
    }

    /// <summary>The body of the request. It holds secrets.</summary>
    public static JsonObject BodyOf(SwiftKeystone identity)
    {
        if (identity.ApplicationCredentialSecret is { } secret)
        {
            var credential = new JsonObject { ["secret"] = secret.Reveal() };
            if (identity.ApplicationCredentialId is { } id)
            {
                credential["id"] = id;
            }
            else
            {
                // A name is unique for its user only.
                credential["name"] = identity.ApplicationCredentialName;
                credential["user"] = UserOf(identity);
            }

            // An application credential brings its project along; naming one is an error.
            return Auth(
                new JsonObject
                {
                    ["methods"] = new JsonArray("application_credential"),
                    ["application_credential"] = credential,
                }
            );
        }

        var user = UserOf(identity);
        user["password"] = identity.Password?.Reveal();
        return Auth(
            new JsonObject
            {
                ["methods"] = new JsonArray("password"),
                ["password"] = new JsonObject { ["user"] = user },
            },
            ScopeOf(identity)
        );
    }

    private static JsonObject Auth(JsonObject identity, JsonObject? scope = null)
    {
        var auth = new JsonObject { ["identity"] = identity };
        if (scope is not null)
        {
            auth["scope"] = scope;
        }

        return new JsonObject { ["auth"] = auth };
    }

    private static JsonObject UserOf(SwiftKeystone identity) =>
        identity.UserId is { } id
            ? new JsonObject { ["id"] = id }
            : new JsonObject
            {
                ["name"] = identity.UserName,
                ["domain"] = Domain(identity.UserDomainName, identity.UserDomainId),
            };

    private static JsonObject? ScopeOf(SwiftKeystone identity)
    {
        if (identity.TrustId is { } trust)
        {
            return new JsonObject { ["OS-TRUST:trust"] = new JsonObject { ["id"] = trust } };
        }

        if (identity.ProjectId is { } id)
        {
            return new JsonObject { ["project"] = new JsonObject { ["id"] = id } };
        }

        var (name, domainId) = identity is { ProjectDomainName: null, ProjectDomainId: null }
            ? (identity.UserDomainName, identity.UserDomainId)
            : (identity.ProjectDomainName, identity.ProjectDomainId);
        return identity.ProjectName is { } project
            ? new JsonObject
            {
                ["project"] = new JsonObject { ["name"] = project, ["domain"] = Domain(name, domainId) },
            }
            : null;
    }

    private static JsonObject Domain(string? name, string? id) =>
        name is not null ? new JsonObject { ["name"] = name } : new JsonObject { ["id"] = id ?? "default" };
}
