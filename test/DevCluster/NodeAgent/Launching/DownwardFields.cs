using System.Globalization;
using System.Text;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Launching;

/// <summary>The downward API: what a Pod may learn about itself.</summary>
internal static class DownwardFields
{
    /// <exception cref="ContainerConfigException">There is no such field.</exception>
    public static string Read(V1Pod pod, string podIp, string hostIp, string path)
    {
        if (Subscript(path, "metadata.labels") is { } label)
        {
            return pod.Metadata.Labels is { } labels && labels.TryGetValue(label, out var value) ? value : "";
        }

        if (Subscript(path, "metadata.annotations") is { } annotation)
        {
            return pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(annotation, out var value)
                ? value
                : "";
        }

        return path switch
        {
            "metadata.name" => pod.Metadata.Name,
            "metadata.namespace" => pod.Metadata.NamespaceProperty,
            "metadata.uid" => pod.Metadata.Uid,
            "metadata.labels" => Lines(pod.Metadata.Labels),
            "metadata.annotations" => Lines(pod.Metadata.Annotations),
            "spec.nodeName" => pod.Spec.NodeName,
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
            "status.podIP" or "status.podIPs" => podIp,
            "status.hostIP" or "status.hostIPs" => hostIp,
            _ => throw new ContainerConfigException($"unsupported fieldPath: {path}"),
        };
    }

    /// <summary>A container's request or limit in units of the divisor, rounded up.</summary>
    public static string Resource(V1Pod pod, V1Container container, V1ResourceFieldSelector selector)
    {
        if (selector.ContainerName is { } name)
        {
            container = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).FirstOrDefault(c => c.Name == name)
                ?? throw new ContainerConfigException($"container {name} not found");
        }

        var (kind, resource) = selector.Resource.Split('.', 2) is [var a, var b] ? (a, b) : ("", "");
        var quantities = kind == "limits" ? container.Resources?.Limits : container.Resources?.Requests;
        var amount =
            quantities is not null && quantities.TryGetValue(resource, out var quantity) ? quantity.ToDecimal()
            : kind == "limits" ? Capacity(resource)
            : 0;
        var divisor = selector.Divisor?.ToDecimal() is { } d and > 0 ? d : 1;
        return Math.Ceiling(amount / divisor).ToString("0", CultureInfo.InvariantCulture);
    }

    // Without a limit the node's capacity is the limit.
    private static decimal Capacity(string resource) =>
        resource switch
        {
            "cpu" => Environment.ProcessorCount,
            "memory" => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            _ => 0,
        };

    private static string? Subscript(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(field.Length + 2)..^2]
            : null;

    private static string Lines(IDictionary<string, string>? map)
    {
        var text = new StringBuilder();
        foreach (
            var (key, value) in (map ?? new Dictionary<string, string>()).OrderBy(
                pair => pair.Key,
                StringComparer.Ordinal
            )
        )
        {
            var escaped = value
                .Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(key).Append("=\"").Append(escaped).Append("\"\n");
        }

        return text.ToString().TrimEnd('\n');
    }
}
