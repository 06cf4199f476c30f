using System.Net;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Network;

/// <summary>Which address each Service name leads to.</summary>
/// <remarks>
/// There is no proxy: a name leads straight to one ready Pod behind it, or to the address that it is an alias of.
/// </remarks>
internal static class ServiceNames
{
    /// <summary>Address by namespace and Service name; Services with nothing behind them are left out.</summary>
    public static Dictionary<(string Namespace, string Name), string> Resolve(
        IEnumerable<V1Service> services,
        IReadOnlyCollection<V1Pod> pods
    )
    {
        var all = services.ToDictionary(service => (service.Metadata.NamespaceProperty, service.Metadata.Name));
        var result = new Dictionary<(string, string), string>();
        foreach (var (key, service) in all)
        {
            if (AddressOf(service, all, pods, depth: 0) is { } address)
            {
                result[key] = address;
            }
        }

        return result;
    }

    private static string? AddressOf(
        V1Service service,
        Dictionary<(string, string), V1Service> all,
        IReadOnlyCollection<V1Pod> pods,
        int depth
    )
    {
        if (service.Spec.Type == "ExternalName")
        {
            var target = service.Spec.ExternalName ?? "";
            if (IPAddress.TryParse(target, out _))
            {
                return target;
            }

            var parts = target.Split('.');
            return
                depth < 5
                && parts.Length >= 3
                && parts[2] == "svc"
                && all.TryGetValue((parts[1], parts[0]), out var next)
                ? AddressOf(next, all, pods, depth + 1)
                : null;
        }

        if (service.Spec.Selector is not { Count: > 0 } selector)
        {
            return service.Spec.ExternalIPs?.FirstOrDefault();
        }

        return pods.Where(pod =>
                pod.Metadata.NamespaceProperty == service.Metadata.NamespaceProperty
                && selector.All(wanted =>
                    pod.Metadata.Labels is { } labels
                    && labels.TryGetValue(wanted.Key, out var value)
                    && value == wanted.Value
                )
                && !string.IsNullOrEmpty(pod.Status?.PodIP)
                && (service.Spec.PublishNotReadyAddresses == true || IsReady(pod))
            )
            .OrderBy(pod => pod.Metadata.DeletionTimestamp is not null)
            .ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
            .Select(pod => pod.Status.PodIP)
            .FirstOrDefault();
    }

    private static bool IsReady(V1Pod pod) =>
        pod.Status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;
}
