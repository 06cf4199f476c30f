using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Protobuf;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.Routing;

/// <summary>Reads request bodies.</summary>
internal static class BodyReader
{
    /// <summary>Three mebibytes, as the API server takes.</summary>
    private const int MostBytes = 3 * 1024 * 1024;

    private static readonly string[] Accepted = ["application/json", "application/yaml", ProtobufReader.MediaType];

    public static async Task<byte[]> ReadBytesAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int count;
        while ((count = await http.Request.Body.ReadAsync(chunk, http.RequestAborted)) > 0)
        {
            buffer.Write(chunk, 0, count);
            if (buffer.Length > MostBytes)
            {
                throw new ApiStatusException(
                    413,
                    "RequestEntityTooLarge",
                    $"Request entity too large: limit is {MostBytes}"
                );
            }
        }

        return buffer.ToArray();
    }

    /// <summary>The media type of the body, without parameters.</summary>
    public static string MediaType(HttpContext http) =>
        (http.Request.ContentType ?? string.Empty).Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>Reads an object in any accepted form.</summary>
    /// <param name="kind">Named in failures.</param>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext http, string kind, DecodeFindings findings)
    {
        var bytes = await ReadBytesAsync(http);
        var node = Parse(bytes, MediaType(http), kind, findings);
        return node as JsonObject
            ?? throw ApiErrors.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse "
                    + "error: json: cannot unmarshal value into Go value of type struct"
            );
    }

    public static JsonNode? Parse(byte[] bytes, string mediaType, string kind, DecodeFindings findings) =>
        mediaType switch
        {
            "application/json" or "" => ParseJson(bytes, kind, findings),
            "application/yaml" or "application/apply-patch+yaml" or "text/yaml" => YamlReader.Parse(bytes, kind),
            ProtobufReader.MediaType => ProtobufReader.Parse(bytes),
            _ => throw ApiErrors.UnsupportedMediaType(Accepted),
        };

    public static JsonNode? ParseJson(byte[] bytes, string kind, DecodeFindings findings)
    {
        try
        {
            return JsonTreeReader.Parse(bytes, findings.Duplicates);
        }
        catch (JsonException)
        {
            throw ApiErrors.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse "
                    + $"error: {JsonComplaint.Of(bytes)} ({Shown(bytes)})"
            );
        }
    }

    private static string Shown(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.Length > 1000 ? text[..1000] : text;
    }
}
