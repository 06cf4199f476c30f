using System.Net;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Selectors;
using Granary.DevCluster.Api.Storage;

namespace Granary.DevCluster.Api.Admission.Webhooks;

/// <summary>Where a webhook is called.</summary>
/// <param name="Uri">What the request names, and the certificate must prove.</param>
/// <param name="Target">Where the connection goes, when that is elsewhere.</param>
internal sealed record WebhookEndpoint(Uri Uri, DnsEndPoint? Target)
{
    private const int DefaultPort = 443;

    /// <exception cref="WebhookFailedException">The Service is missing or has no ready pod.</exception>
    public static WebhookEndpoint Of(Webhook webhook, ObjectStore store)
    {
        var timeout = $"timeout={(int)webhook.Timeout.TotalSeconds}s";
        if (webhook.Url is { } url)
        {
            return new WebhookEndpoint(new Uri(url + (url.Contains('?') ? "&" : "?") + timeout), null);
        }

        var ns = webhook.Service.TextAt("namespace") ?? string.Empty;
        var name = webhook.Service.TextAt("name") ?? string.Empty;
        var port = (int)(webhook.Service.IntegerAt("port") ?? DefaultPort);
        var path = webhook.Service.TextAt("path") ?? "/";
        var uri = new Uri($"https://{name}.{ns}.svc:{port}{path}?{timeout}");
        var service = store.Get("services", ns, name)
            ?? throw new WebhookFailedException(uri, $"service \"{name}\" not found");
        return new WebhookEndpoint(uri, TargetOf(service, port, uri, store));
    }

    /// <summary>There is no proxy: a Service leads to a ready pod behind it, or to its external name.</summary>
    private static DnsEndPoint TargetOf(StoredObject service, int port, Uri uri, ObjectStore store)
    {
        if (service.Value.TextAt("spec", "type") == "ExternalName")
        {
            return new DnsEndPoint(service.Value.TextAt("spec", "externalName")!, port);
        }

        var entry = service.Value.ArrayAt("spec", "ports").Objects().FirstOrDefault(p => p.IntegerAt("port") == port)
            ?? throw new WebhookFailedException(uri, $"service \"{service.Name}\" has no port {port}");
        if (service.Value.ObjectAt("spec", "selector") is { } labels)
        {
            var selector = LabelSelector.FromMap(labels);
            foreach (var pod in store.List("pods", service.Namespace).Objects)
            {
                if (selector.Matches(pod.Value) && IsReady(pod) && pod.Value.TextAt("status", "podIP") is { } ip)
                {
                    return new DnsEndPoint(ip, TargetPort(entry, pod));
                }
            }
        }

        throw new WebhookFailedException(uri, $"no endpoints available for service \"{service.Name}\"");
    }

    private static int TargetPort(System.Text.Json.Nodes.JsonObject entry, StoredObject pod)
    {
        if (entry.IntegerAt("targetPort") is { } number)
        {
            return (int)number;
        }

        var name = entry.TextAt("targetPort");
        var port = pod
            .Value.ArrayAt("spec", "containers")
            .Objects()
            .SelectMany(c => c.ArrayAt("ports").Objects())
            .FirstOrDefault(p => p.TextAt("name") == name)
            .IntegerAt("containerPort");
        return (int)(port ?? entry.IntegerAt("port") ?? DefaultPort);
    }

    private static bool IsReady(StoredObject pod) =>
        pod.Value.TextAt("metadata", "deletionTimestamp") is null
        && pod.Value.ArrayAt("status", "conditions")
            .Objects()
            .Any(c => c.TextAt("type") == "Ready" && c.TextAt("status") == "True");
}
