using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.Operator.Admission;

/// <summary>Who asks the API server for a change, as the review names the user.</summary>
/// <param name="Name">User name; empty when the review names nobody.</param>
/// <param name="Extra">What the authenticator knows besides; authorizers may decide by it.</param>
internal sealed record Requester(
    string Name,
    string? Uid,
    IReadOnlyList<string> Groups,
    IDictionary<string, IList<string>> Extra
)
{
    private const string Key = "granary/requester";

    /// <summary>Nobody, who may do nothing.</summary>
    private static readonly Requester Nobody = new("", null, [], new Dictionary<string, IList<string>>());

    /// <summary>Remembers the user of a review for the webhook behind, whose own model of a review has none.</summary>
    public static async Task RememberAsync(HttpContext context, RequestDelegate next)
    {
        if (
            HttpMethods.IsPost(context.Request.Method)
            && context.Request.Path.StartsWithSegments("/validate", StringComparison.Ordinal)
        )
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            context.Items[Key] = Read(body.GetBuffer().AsSpan(0, (int)body.Length));
            body.Position = 0;
            context.Request.Body = body;
        }

        await next(context);
    }

    /// <summary>Who asks for what a webhook judges.</summary>
    public static Requester Of(HttpContext context) => context.Items[Key] as Requester ?? Nobody;

    /// <summary>A body that is no review names nobody; the webhook's own binding refuses it.</summary>
    private static Requester Read(ReadOnlySpan<byte> review)
    {
        try
        {
            var user = JsonNode.Parse(review)?["request"]?["userInfo"];
            return user is null
                ? Nobody
                : new Requester(
                    (string?)user["username"] ?? "",
                    (string?)user["uid"],
                    Texts(user["groups"]),
                    (user["extra"] as JsonObject ?? []).ToDictionary(
                        one => one.Key,
                        one => (IList<string>)Texts(one.Value)
                    )
                );
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return Nobody;
        }
    }

    private static string[] Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(one => (string?)one ?? "")];
}
