using System.Text;
using System.Text.Json;

namespace Granary.Storage.Http;

/// <summary>A server's words about a failure, short enough for a message.</summary>
internal static class HttpWords
{
    private const int LongestBodyBytes = 4096;
    private const int LongestText = 300;

    /// <summary>The reply's own explanation with its status: <c>quota exceeded (HTTP 403 Forbidden)</c>.</summary>
    public static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();
        var text = Shorten(await ReadBodyAsync(response, cancellationToken));
        if (response.Headers.Location is { } target)
        {
            // The part behind the path may be a secret, and so may a user in front of the host.
            var path = target.IsAbsoluteUri
                ? target.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
                : target.OriginalString.Split('?', '#')[0];
            text = $"the server sends to {path}, which is not followed";
        }

        return text.Length == 0 ? status : $"{text} ({status})";
    }

    private static async Task<string> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var buffer = new byte[LongestBodyBytes];
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
        catch (Exception e) when (HttpFailures.IsNetworkFailure(e))
        {
            // The status alone tells enough; that its explanation was cut off must not hide it.
            return "";
        }
    }

    private static string Shorten(string body)
    {
        var text = (ErrorMessage(body) ?? body).Trim();
        if (text.StartsWith('<'))
        {
            // A page made for people by some proxy; its markup explains nothing.
            return "";
        }

        var line = string.Join(
            ' ',
            text.Split(
                (char[])['\r', '\n', '\t'],
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            )
        );
        return line.Length > LongestText ? line[..LongestText] + "…" : line;
    }

    // Google and OpenStack both answer {"error": {"message": "…"}}.
    private static string? ErrorMessage(string body)
    {
        if (!body.AsSpan().TrimStart().StartsWith("{"))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return
                document.RootElement.TryGetProperty("error", out var error)
                && error.ValueKind == JsonValueKind.Object
                && error.TryGetProperty("message", out var message)
                ? message.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
