using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies;

internal sealed class NetworkPolicyStrategy : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        var spec = value.Child("spec");
        spec.Child("podSelector");
        if (spec["policyTypes"] is null)
        {
            spec["policyTypes"] = spec["egress"] is null
                ? new JsonArray("Ingress")
                : new JsonArray("Ingress", "Egress");
        }
    }
}

internal sealed class PriorityClassStrategy : ResourceStrategy
{
    public override void Default(JsonObject value) => value.Default("preemptionPolicy", "PreemptLowerPriority");

    public override bool ChangesGeneration(JsonObject value, JsonObject old) => false;
}

internal sealed class NodeStrategy : ResourceStrategy
{
    /// <summary>A node registers itself with its status.</summary>
    public override void PrepareForCreate(JsonObject value)
    {
        value.Child("spec");
        value.Child("status");
    }
}

internal sealed class EndpointSliceStrategy : ResourceStrategy
{
    public override bool ChangesGeneration(JsonObject value, JsonObject old) =>
        !value["endpoints"].SameAs(old["endpoints"]) || !value["ports"].SameAs(old["ports"]);

    public override void Default(JsonObject value)
    {
        foreach (var port in value.ArrayAt("ports").Objects())
        {
            port.Default("protocol", "TCP");
            port.Default("name", string.Empty);
        }
    }
}
