using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.DevCluster.Machinery;

/// <summary>The API server refused a request; carries its status code, reason and message.</summary>
public sealed class ApiRequestException : Exception
{
    public ApiRequestException(HttpStatusCode code, string body)
        : base(MessageOf(body) ?? $"the API server answered {(int)code}")
    {
        Code = code;
        Reason = Field(body, "reason");
    }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode Code { get; }

    /// <summary>
    /// The machine-readable reason, such as <c>AlreadyExists</c>; null when the answer was no Status.
    /// </summary>
    public string? Reason { get; }

    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    public bool IsConflict => Code == HttpStatusCode.Conflict;

    public bool IsGone => Code == HttpStatusCode.Gone;

    public bool IsForbidden => Code == HttpStatusCode.Forbidden;

    private static string? MessageOf(string body) => Field(body, "message");

    private static string? Field(string body, string name)
    {
        try
        {
            return
                JsonNode.Parse(body) is JsonObject status
                && status[name] is JsonValue value
                && value.TryGetValue(out string? text)
                ? text
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
