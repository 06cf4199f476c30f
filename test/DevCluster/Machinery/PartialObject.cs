using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Machinery;

/// <summary>Any object, its metadata only.</summary>
public sealed class PartialObject : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();
}
