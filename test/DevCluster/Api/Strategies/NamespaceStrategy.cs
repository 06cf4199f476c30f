using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.PodSecurity;

namespace Granary.DevCluster.Api.Strategies;

internal sealed class NamespaceStrategy : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        if (value.TextAt("metadata", "name") is { Length: > 0 } name)
        {
            value.Child("metadata").Child("labels")["kubernetes.io/metadata.name"] = name;
        }
    }

    public override void PrepareForCreate(JsonObject value)
    {
        base.PrepareForCreate(value);
        var spec = value.Child("spec");
        if (!spec.ArrayAt("finalizers").Texts().Contains("kubernetes", StringComparer.Ordinal))
        {
            spec["finalizers"] = new JsonArray([
                .. spec.ArrayAt("finalizers").Texts().Select(f => (JsonNode)f),
                "kubernetes",
            ]);
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject value) => PodSecurityPolicy.Validate(value);

    /// <summary>The finalizers of the specification go through <c>/finalize</c> only.</summary>
    public override void PrepareForUpdate(JsonObject value, JsonObject old)
    {
        base.PrepareForUpdate(value, old);
        Restore(value, old, "spec");
    }
}
