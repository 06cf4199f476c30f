using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Authentication;

/// <summary>
/// Makes and checks the tokens of service accounts: JWTs, RS256, bound to the account and maybe to a pod.
/// </summary>
internal sealed class TokenIssuer : IDisposable
{
    public const string Issuer = "https://kubernetes.default.svc";

    private readonly RSA _key = RSA.Create(2048);
    private readonly string _keyId;
    private readonly ApiCore _core;

    public TokenIssuer(ApiCore core)
    {
        _core = core;
        _keyId = Encode(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));
    }

    /// <param name="pod">The pod whose end ends the token too.</param>
    public string Issue(
        StoredObject account,
        IReadOnlyList<string> audiences,
        DateTimeOffset expires,
        StoredObject? pod
    )
    {
        var now = _core.Clock.GetUtcNow().ToUnixTimeSeconds();
        var bound = new JsonObject { ["namespace"] = account.Namespace };
        if (pod is not null)
        {
            if (pod.Value.TextAt("spec", "nodeName") is { Length: > 0 } node)
            {
                bound["node"] = new JsonObject { ["name"] = node };
                if (_core.Store.Get("nodes", string.Empty, node) is { } known)
                {
                    bound["node"]!["uid"] = known.Value.TextAt("metadata", "uid");
                }
            }

            bound["pod"] = new JsonObject { ["name"] = pod.Name, ["uid"] = pod.Value.TextAt("metadata", "uid") };
        }

        bound["serviceaccount"] = new JsonObject
        {
            ["name"] = account.Name,
            ["uid"] = account.Value.TextAt("metadata", "uid"),
        };
        var claims = new JsonObject
        {
            ["aud"] = audiences.ToJsonArray(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["iat"] = now,
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = bound,
            ["nbf"] = now,
            ["sub"] = $"system:serviceaccount:{account.Namespace}:{account.Name}",
        };
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = _keyId };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var signature = _key.SignData(
            Encoding.UTF8.GetBytes(signed),
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        return $"{signed}.{Encode(signature)}";
    }

    /// <summary>
    /// The claims of a token that is genuine, current and bound to things that exist; null otherwise.
    /// </summary>
    public JsonObject? Check(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
        {
            return null;
        }

        try
        {
            var genuine = _key.VerifyData(
                Encoding.UTF8.GetBytes($"{parts[0]}.{parts[1]}"),
                Decode(parts[2]),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1
            );
            return genuine && JsonNode.Parse(Decode(parts[1])) is JsonObject claims && IsCurrent(claims)
                ? claims
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or CryptographicException)
        {
            return null;
        }
    }

    public void Dispose() => _key.Dispose();

    private bool IsCurrent(JsonObject claims)
    {
        var now = _core.Clock.GetUtcNow().ToUnixTimeSeconds();
        var ns = claims.TextAt("kubernetes.io", "namespace") ?? string.Empty;
        return claims.IntegerAt("exp") > now
            && Lives("serviceaccounts", ns, claims.ObjectAt("kubernetes.io", "serviceaccount"))
            && (claims.ObjectAt("kubernetes.io", "pod") is not { } pod || Lives("pods", ns, pod));
    }

    private bool Lives(string resource, string ns, JsonObject? reference) =>
        reference.TextAt("name") is { } name
        && _core.Store.Get(resource, ns, name) is { } stored
        && stored.Value.TextAt("metadata", "uid") == reference.TextAt("uid");

    private static string Encode(JsonObject json) => Encode(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static string Encode(byte[] bytes) =>
        Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[] Decode(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(padded + new string('=', (4 - (padded.Length % 4)) % 4));
    }
}
