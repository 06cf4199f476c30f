using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies.Workloads;

internal sealed class PodStrategy : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        var spec = value.Child("spec");
        PodDefaults.ApplyToSpec(spec);
        spec.Default("enableServiceLinks", true);
    }

    public override void PrepareForCreate(JsonObject value) =>
        value["status"] = new JsonObject
        {
            ["phase"] = "Pending",
            ["qosClass"] = PodDefaults.QosClass(value.Child("spec")),
        };

    public override void PrepareForStatusUpdate(JsonObject value, JsonObject old)
    {
        base.PrepareForStatusUpdate(value, old);
        value.Child("status").Default("phase", "Pending");
        if (old.TextAt("status", "qosClass") is { } qos)
        {
            value.Child("status").Default("qosClass", qos);
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject value) =>
        PodValidation.Validate(value.Child("spec"), "spec");

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject value, JsonObject old)
    {
        if (!Fixed(value.Child("spec")).SameAs(Fixed(old.Child("spec"))))
        {
            yield return FieldError.Forbidden(
                "spec",
                "pod updates may not change fields other than "
                    + "`spec.containers[*].image`,`spec.initContainers[*].image`,"
                    + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                    + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
            );
        }
    }

    public override long? GracePeriod(JsonObject value, long? requested)
    {
        // Nobody has to be waited for when no node runs the pod, or when it has ended.
        if (
            string.IsNullOrEmpty(value.TextAt("spec", "nodeName"))
            || value.TextAt("status", "phase") is "Succeeded" or "Failed"
        )
        {
            return 0;
        }

        return requested ?? value.IntegerAt("spec", "terminationGracePeriodSeconds") ?? 30;
    }

    private static JsonObject Fixed(JsonObject spec)
    {
        var copy = spec.Copy();
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var container in copy.ArrayAt(list).Objects())
            {
                container.Remove("image");
            }
        }

        copy.Remove("activeDeadlineSeconds");
        copy.Remove("tolerations");
        return copy;
    }
}
