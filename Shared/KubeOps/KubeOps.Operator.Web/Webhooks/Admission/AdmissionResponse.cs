using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace KubeOps.Operator.Web.Webhooks.Admission;

/// <summary>The answer to an admission request. What is not set stands as null.</summary>
internal sealed class AdmissionResponse : AdmissionReview
{
    /// <summary>
    /// The code of a denial that names none: 422, since 200 in a denial makes clients report success.
    /// </summary>
    public const int DenialCode = StatusCodes.Status422UnprocessableEntity;

    private const string UidItem = "KubeOps.AdmissionUid";
    private static readonly JsonSerializerOptions Options = new();

    [JsonPropertyName("response")]
    public required AdmissionResponseData Response { get; init; }

    /// <summary>Keeps the request's uid for the answer.</summary>
    public static void Remember(HttpContext context, string uid) => context.Items[UidItem] = uid;

    /// <summary>Answers, always with HTTP 200; a request without uid cannot be answered and is HTTP 500.</summary>
    public static async Task WriteAsync(HttpContext context, Func<string, AdmissionResponseData> respond)
    {
        if (context.Items[UidItem] is not string { Length: > 0 } uid)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(
            context.Response.Body,
            new AdmissionResponse { Response = respond(uid) },
            Options,
            context.RequestAborted
        );
    }
}

/// <summary>The content of an answer.</summary>
internal sealed record AdmissionResponseData(
    [property: JsonPropertyName("uid")] string Uid,
    [property: JsonPropertyName("allowed")] bool Allowed,
    [property: JsonPropertyName("status")] AdmissionStatus? Status,
    [property: JsonPropertyName("warnings")] IList<string> Warnings,
    [property: JsonPropertyName("patch")] string? Patch = null,
    [property: JsonPropertyName("patchType")] string? PatchType = null
);
