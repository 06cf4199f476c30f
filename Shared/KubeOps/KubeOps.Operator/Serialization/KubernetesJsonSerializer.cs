using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;

namespace KubeOps.Operator.Serialization;

/// <summary>JSON as the Kubernetes client reads and writes it.</summary>
/// <remarks>Camel case, nulls left out, enums as member names, times in RFC 3339, unknown members ignored.</remarks>
public static class KubernetesJsonSerializer
{
    /// <summary>A copy of the client's options.</summary>
    public static JsonSerializerOptions SerializerOptions { get; } = CaptureOptions();

    /// <summary>Writes a value.</summary>
    public static string Serialize(object? value) => KubernetesJson.Serialize(value);

    /// <summary>Reads a value.</summary>
    public static T Deserialize<T>(string json) => KubernetesJson.Deserialize<T>(json);

    /// <summary>Reads a value.</summary>
    public static T Deserialize<T>(Stream json) => KubernetesJson.Deserialize<T>(json);

    /// <summary>Reads a value.</summary>
    public static T Deserialize<T>(JsonDocument json) => KubernetesJson.Deserialize<T>(json);

    /// <summary>Reads a value.</summary>
    public static T Deserialize<T>(JsonElement json) => KubernetesJson.Deserialize<T>(json);

    /// <summary>Reads a value.</summary>
    public static T Deserialize<T>(JsonNode json) => KubernetesJson.Deserialize<T>(json);

    private static JsonSerializerOptions CaptureOptions()
    {
        JsonSerializerOptions? options = null;
        KubernetesJson.AddJsonOptions(own => options = new JsonSerializerOptions(own));
        return options
            ?? throw new InvalidOperationException("The Kubernetes client did not hand out its JSON options.");
    }
}
