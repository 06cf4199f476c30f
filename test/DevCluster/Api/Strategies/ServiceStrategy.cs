using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies;

internal sealed class ServiceStrategy(ServiceAddresses addresses) : ResourceStrategy
{
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

    public override void Default(JsonObject value)
    {
        var spec = value.Child("spec");
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        var external = spec.TextAt("type") == "ExternalName";
        if (!external)
        {
            spec.Default("internalTrafficPolicy", "Cluster");
        }

        foreach (var port in spec.ArrayAt("ports").Objects())
        {
            port.Default("protocol", "TCP");
            if (port["targetPort"] is null && port["port"] is { } number)
            {
                port["targetPort"] = number.DeepClone();
            }
        }

        if (spec.TextAt("type") is "NodePort" or "LoadBalancer")
        {
            spec.Default("externalTrafficPolicy", "Cluster");
        }
    }

    public override void PrepareForCreate(JsonObject value)
    {
        base.PrepareForCreate(value);
        Allocate(value.Child("spec"));
    }

    public override void PrepareForUpdate(JsonObject value, JsonObject old)
    {
        base.PrepareForUpdate(value, old);
        var spec = value.Child("spec");
        foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec.TextAt("type") != "ExternalName" && old["spec"].At(field) is { } kept)
            {
                spec.Default(field, kept.DeepClone());
            }
        }

        Allocate(spec);
    }

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        var spec = value.Child("spec");
        var type = spec.TextAt("type") ?? string.Empty;
        if (!Types.Contains(type, StringComparer.Ordinal))
        {
            yield return FieldError.NotSupported("spec.type", type, Types);
        }

        if (type == "ExternalName" && string.IsNullOrEmpty(spec.TextAt("externalName")))
        {
            yield return FieldError.Required("spec.externalName");
        }

        var ports = spec.ArrayAt("ports");
        if (type != "ExternalName" && ports is not { Count: > 0 } && spec.TextAt("clusterIP") != "None")
        {
            yield return FieldError.Required("spec.ports");
        }

        var index = 0;
        foreach (var port in ports.Objects())
        {
            if (port.IntegerAt("port") is not (> 0 and < 65536))
            {
                yield return FieldError.Invalid(
                    $"spec.ports[{index}].port",
                    port["port"] ?? 0,
                    "must be between 1 and 65535, inclusive"
                );
            }

            if (ports!.Count > 1 && string.IsNullOrEmpty(port.TextAt("name")))
            {
                yield return FieldError.Required($"spec.ports[{index}].name");
            }

            index++;
        }
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject value, JsonObject old)
    {
        var now = value.TextAt("spec", "clusterIP");
        if (old.TextAt("spec", "clusterIP") is { Length: > 0 } before && now is not null && now != before)
        {
            yield return FieldError.Invalid("spec.clusterIPs[0]", now, "field is immutable");
        }
    }

    private void Allocate(JsonObject spec)
    {
        if (spec.TextAt("type") == "ExternalName")
        {
            return;
        }

        spec.Default("clusterIP", addresses.Next());
        spec.Default("clusterIPs", new JsonArray(spec["clusterIP"]!.DeepClone()));
        spec.Default("ipFamilies", new JsonArray("IPv4"));
        spec.Default("ipFamilyPolicy", "SingleStack");
    }
}

/// <summary>Hands out cluster addresses. Nothing listens on them: a Service's name leads to a pod.</summary>
internal sealed class ServiceAddresses
{
    private int _last = 1;

    public string Next()
    {
        var next = Interlocked.Increment(ref _last);
        return $"10.96.{next / 256 % 256}.{next % 256}";
    }
}
