using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies;

/// <summary>Events of the core group; those of <c>events.k8s.io</c> are kept in this form too.</summary>
internal sealed class EventStrategy : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        foreach (var field in (string[])["firstTimestamp", "lastTimestamp", "eventTime"])
        {
            if (!value.ContainsKey(field))
            {
                value[field] = null;
            }
        }

        value.Default("reportingComponent", string.Empty);
        value.Default("reportingInstance", string.Empty);
        value.Child("source");
        value.Child("involvedObject");
    }

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        var involved = value.TextAt("involvedObject", "namespace") ?? string.Empty;
        var own = value.TextAt("metadata", "namespace") ?? string.Empty;
        if (involved.Length > 0 ? involved != own : own is not ("default" or "kube-system" or ""))
        {
            yield return FieldError.Invalid("involvedObject.namespace", involved, "does not match event.namespace");
        }
    }
}
