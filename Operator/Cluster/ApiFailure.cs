using System.Net;
using System.Text.Json;
using k8s.Autorest;

namespace Granary.Operator.Cluster;

/// <summary>Reads what the API server says when it refuses.</summary>
internal static class ApiFailure
{
    /// <summary>The server's own message, else the status code.</summary>
    public static string Describe(HttpOperationException failure)
    {
        try
        {
            if (
                failure.Response?.Content is { Length: > 0 } content
                && JsonDocument.Parse(content).RootElement is { ValueKind: JsonValueKind.Object } status
                && status.TryGetProperty("message", out var message)
                && message.GetString() is { Length: > 0 } text
            )
            {
                return text;
            }
        }
        catch (JsonException)
        {
            // Proxies answer in HTML; the status code then says more than their page.
        }

        return failure.Response is { } response
            ? $"{(int)response.StatusCode} {response.ReasonPhrase}"
            : failure.Message;
    }

    /// <summary>Whether the request itself was refused, so that sending it again changes nothing.</summary>
    public static bool IsRefusal(HttpOperationException failure) =>
        failure.Response?.StatusCode
            is HttpStatusCode.BadRequest
                or HttpStatusCode.Forbidden
                or HttpStatusCode.UnprocessableEntity
                or HttpStatusCode.NotFound;

    public static bool IsNotFound(HttpOperationException failure) =>
        failure.Response?.StatusCode == HttpStatusCode.NotFound;
}
