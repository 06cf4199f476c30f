using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Routing;

namespace Granary.DevCluster.Api.Writing;

/// <summary>How a deletion is to be done.</summary>
internal sealed record DeleteOptions(
    string? PropagationPolicy,
    long? GracePeriodSeconds,
    string? Uid,
    string? ResourceVersion,
    bool DryRun
)
{
    private static readonly string[] Policies = ["Background", "Foreground", "Orphan"];

    /// <summary>From the body, or the query where the body says nothing.</summary>
    public static DeleteOptions Read(ApiRequest request, JsonObject? body)
    {
        var policy = body.TextAt("propagationPolicy") ?? request.Query("propagationPolicy");
        if (policy is null && body.At("orphanDependents") is JsonValue orphan)
        {
            policy = orphan.GetValue<bool>() ? "Orphan" : "Background";
        }

        if (policy is not null && !Policies.Contains(policy, StringComparer.Ordinal))
        {
            throw ApiErrors.Invalid(
                "meta.k8s.io",
                "DeleteOptions",
                string.Empty,
                [FieldError.NotSupported("propagationPolicy", policy, Policies)]
            );
        }

        return new DeleteOptions(
            policy,
            body.IntegerAt("gracePeriodSeconds") ?? request.Number("gracePeriodSeconds"),
            body.TextAt("preconditions", "uid"),
            body.TextAt("preconditions", "resourceVersion"),
            request.DryRun || body.ArrayAt("dryRun").Texts().Contains("All", StringComparer.Ordinal)
        );
    }

    /// <summary>The form in which reviews carry them.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "meta.k8s.io/v1" };
        if (GracePeriodSeconds is { } grace)
        {
            json["gracePeriodSeconds"] = grace;
        }

        if (PropagationPolicy is { } policy)
        {
            json["propagationPolicy"] = policy;
        }

        if (Uid is not null)
        {
            json["preconditions"] = new JsonObject { ["uid"] = Uid };
        }

        if (DryRun)
        {
            json["dryRun"] = new JsonArray("All");
        }

        return json;
    }
}
