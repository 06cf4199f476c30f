using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Authentication;

/// <summary>Finds out who makes a request, by bearer token.</summary>
internal sealed class Authenticator(string adminToken, TokenIssuer issuer)
{
    public static readonly User Admin = new("admin", null, [User.Masters, User.Authenticated]);

    /// <exception cref="ApiStatusException">401: a token that is not good. No token at all is anonymous.</exception>
    public User Authenticate(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return User.Anonymous;
        }

        return Identify(header["Bearer ".Length..].Trim())?.User ?? throw ApiErrors.Unauthorized();
    }

    /// <summary>Whose token it is, and for whom it is meant; null when it is not good.</summary>
    public (User User, IReadOnlyList<string> Audiences)? Identify(string token)
    {
        if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(adminToken)))
        {
            return (Admin, [TokenIssuer.Issuer]);
        }

        if (issuer.Check(token) is not { } claims)
        {
            return null;
        }

        var audiences = claims.ArrayAt("aud").Texts().ToArray();
        return (ServiceAccountUser(claims), audiences);
    }

    private static User ServiceAccountUser(JsonObject claims)
    {
        var ns = claims.TextAt("kubernetes.io", "namespace")!;
        var account = claims.ObjectAt("kubernetes.io", "serviceaccount");
        var extra = new JsonObject
        {
            ["authentication.kubernetes.io/credential-id"] = new JsonArray($"JTI={claims.TextAt("jti")}"),
        };
        AddExtra(extra, "node", claims, "name", "authentication.kubernetes.io/node-name");
        AddExtra(extra, "node", claims, "uid", "authentication.kubernetes.io/node-uid");
        AddExtra(extra, "pod", claims, "name", "authentication.kubernetes.io/pod-name");
        AddExtra(extra, "pod", claims, "uid", "authentication.kubernetes.io/pod-uid");
        return new User(
            $"system:serviceaccount:{ns}:{account.TextAt("name")}",
            account.TextAt("uid"),
            ["system:serviceaccounts", $"system:serviceaccounts:{ns}", User.Authenticated],
            extra
        );
    }

    private static void AddExtra(JsonObject extra, string kind, JsonObject claims, string field, string name)
    {
        if (claims.TextAt("kubernetes.io", kind, field) is { } value)
        {
            extra[name] = new JsonArray(value);
        }
    }
}
