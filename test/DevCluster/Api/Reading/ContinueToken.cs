using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Reading;

/// <summary>Where a list in chunks goes on: after the key in <paramref name="Start"/>, at a revision.</summary>
internal sealed record ContinueToken(long Revision, string Start)
{
    private const string Version = "meta.k8s.io/v1";

    public override string ToString()
    {
        var json = new JsonObject
        {
            ["v"] = Version,
            ["rv"] = Revision,
            ["start"] = Start + "\0",
        };
        return Convert
            .ToBase64String(Encoding.UTF8.GetBytes(json.ToJsonString()))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');
    }

    /// <exception cref="ApiStatusException">400: not a token of this server.</exception>
    public static ContinueToken Parse(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/');
        padded += new string('=', (4 - (padded.Length % 4)) % 4);
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(padded);
        }
        catch (FormatException)
        {
            throw Invalid("illegal base64 data");
        }

        try
        {
            var json = JsonNode.Parse(bytes) as JsonObject;
            if (
                json.TextAt("v") == Version
                && json.IntegerAt("rv") is { } revision
                && json.TextAt("start") is { } start
            )
            {
                return new ContinueToken(revision, start.TrimEnd('\0'));
            }
        }
        catch (JsonException)
        {
            throw Invalid($"invalid character '{Shown(bytes)}' looking for beginning of value");
        }

        throw Invalid("invalid continue token");
    }

    private static string Shown(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var first =
            bytes.Length == 0 ? '\0'
            : bytes[0] < 0x80 ? text[0]
            : (char)bytes[0];
        return char.IsControl(first) ? $"\\u{(int)first:x4}" : first.ToString();
    }

    private static ApiStatusException Invalid(string because) =>
        ApiErrors.BadRequest($"invalid continue token: continue key is not valid: {because}");
}
