using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies.Workloads;

/// <summary>Defaults of a pod's specification, alone or inside a template.</summary>
internal static class PodDefaults
{
    public static void ApplyToSpec(JsonObject spec)
    {
        foreach (var volume in spec.ArrayAt("volumes").Objects())
        {
            VolumeDefaults.Apply(volume);
        }

        foreach (var list in (string[])["initContainers", "containers"])
        {
            foreach (var container in spec.ArrayAt(list).Objects())
            {
                ApplyToContainer(container);
            }
        }

        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Child("securityContext");
        spec.Default("schedulerName", "default-scheduler");
        if ((spec.TextAt("serviceAccountName") ?? spec.TextAt("serviceAccount")) is { Length: > 0 } account)
        {
            spec["serviceAccountName"] = account;
            spec["serviceAccount"] = account;
        }
    }

    /// <summary>Best effort, burstable or guaranteed, by the resources that the containers ask for.</summary>
    public static string QosClass(JsonObject spec)
    {
        var any = false;
        var guaranteed = true;
        foreach (var container in spec.ArrayAt("initContainers").Objects().Concat(spec.ArrayAt("containers").Objects()))
        {
            var limits = container.ObjectAt("resources", "limits");
            var requests = container.ObjectAt("resources", "requests");
            any |= limits is { Count: > 0 } || requests is { Count: > 0 };
            foreach (var resource in (string[])["cpu", "memory"])
            {
                guaranteed &=
                    limits?[resource] is { } limit && (requests?[resource] is not { } request || request.SameAs(limit));
            }
        }

        return !any ? "BestEffort"
            : guaranteed ? "Guaranteed"
            : "Burstable";
    }

    private static void ApplyToContainer(JsonObject container)
    {
        var resources = container.Child("resources");
        foreach (var (name, limit) in resources.ObjectAt("limits")?.ToArray() ?? [])
        {
            resources.Child("requests").Default(name, limit!.DeepClone());
        }

        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("imagePullPolicy", PullPolicy(container.TextAt("image") ?? string.Empty));
        foreach (var port in container.ArrayAt("ports").Objects())
        {
            port.Default("protocol", "TCP");
        }

        foreach (var variable in container.ArrayAt("env").Objects())
        {
            variable.ObjectAt("valueFrom", "fieldRef")?.Default("apiVersion", "v1");
        }

        foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.ObjectAt(probe) is { } found)
            {
                ApplyToProbe(found);
            }
        }

        foreach (var hook in (string[])["postStart", "preStop"])
        {
            ApplyToHttp(container.ObjectAt("lifecycle", hook, "httpGet"));
        }
    }

    private static void ApplyToProbe(JsonObject probe)
    {
        ApplyToHttp(probe.ObjectAt("httpGet"));
        probe.ObjectAt("grpc")?.Default("service", string.Empty);
        probe.Default("timeoutSeconds", 1);
        probe.Default("periodSeconds", 10);
        probe.Default("successThreshold", 1);
        probe.Default("failureThreshold", 3);
    }

    private static void ApplyToHttp(JsonObject? action)
    {
        action?.Default("path", "/");
        action?.Default("scheme", "HTTP");
    }

    private static string PullPolicy(string image)
    {
        if (image.Contains('@'))
        {
            return "IfNotPresent";
        }

        var tag = image.LastIndexOf(':');
        var tagged = tag > image.LastIndexOf('/');
        return !tagged || image[(tag + 1)..] == "latest" ? "Always" : "IfNotPresent";
    }
}
