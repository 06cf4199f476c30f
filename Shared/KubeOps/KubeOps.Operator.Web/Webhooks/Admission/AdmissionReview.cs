using System.Text.Json.Serialization;

namespace KubeOps.Operator.Web.Webhooks.Admission;

/// <summary>The envelope of admission requests and responses.</summary>
public abstract class AdmissionReview
{
    /// <summary><c>admission.k8s.io/v1</c>.</summary>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; init; } = "admission.k8s.io/v1";

    /// <summary><c>AdmissionReview</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get; init; } = "AdmissionReview";
}
