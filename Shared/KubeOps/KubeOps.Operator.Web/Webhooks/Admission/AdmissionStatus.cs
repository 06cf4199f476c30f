using System.Text.Json.Serialization;

namespace KubeOps.Operator.Web.Webhooks.Admission;

/// <summary>Why a request is denied.</summary>
/// <param name="Message">Shown to the user.</param>
/// <param name="Code">The HTTP status that the user's client receives.</param>
public sealed record AdmissionStatus(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("code")] int? Code = 200
);
