using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Selectors;

namespace Granary.DevCluster.Api.Strategies.Workloads;

/// <summary>Deployment, ReplicaSet, StatefulSet and DaemonSet: a selector and a pod template.</summary>
internal sealed class WorkloadStrategy(string kind) : ResourceStrategy
{
    private const int KeptRevisions = 10;

    public override void Default(JsonObject value)
    {
        var spec = value.Child("spec");
        TemplateDefaults.Apply(spec.Child("template"));
        switch (kind)
        {
            case "Deployment":
                spec.Default("replicas", 1);
                DefaultStrategy(spec.Child("strategy"), "25%", "25%");
                spec.Default("revisionHistoryLimit", KeptRevisions);
                spec.Default("progressDeadlineSeconds", 600);
                break;
            case "StatefulSet":
                spec.Default("replicas", 1);
                spec.Default("podManagementPolicy", "OrderedReady");
                spec.Default("revisionHistoryLimit", KeptRevisions);
                var update = spec.Child("updateStrategy");
                update.Default("type", "RollingUpdate");
                if (update.TextAt("type") == "RollingUpdate")
                {
                    update.Child("rollingUpdate").Default("partition", 0);
                }

                var retention = spec.Child("persistentVolumeClaimRetentionPolicy");
                retention.Default("whenDeleted", "Retain");
                retention.Default("whenScaled", "Retain");
                break;
            case "DaemonSet":
                DefaultStrategy(spec.Child("updateStrategy"), 1, 0);
                spec.Default("revisionHistoryLimit", KeptRevisions);
                break;
            default:
                spec.Default("replicas", 1);
                break;
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        var spec = value.Child("spec");
        var selector = LabelSelector.FromObject(spec.ObjectAt("selector"));
        if (selector is null)
        {
            yield return FieldError.Required("spec.selector");
        }
        else if (!selector.MatchesLabels(spec.ObjectAt("template", "metadata", "labels")))
        {
            yield return FieldError.Invalid(
                "spec.template.metadata.labels",
                spec.ObjectAt("template", "metadata", "labels"),
                "`selector` does not match template `labels`"
            );
        }

        if (spec.IntegerAt("replicas") is < 0 and var replicas)
        {
            yield return FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        }

        foreach (var error in PodValidation.Validate(spec.Child("template").Child("spec"), "spec.template.spec"))
        {
            yield return error;
        }
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject value, JsonObject old)
    {
        if (!value["spec"].At("selector").SameAs(old["spec"].At("selector")))
        {
            yield return FieldError.Invalid("spec.selector", value["spec"].At("selector"), "field is immutable");
        }
    }

    private static void DefaultStrategy(JsonObject strategy, JsonNode unavailable, JsonNode surge)
    {
        strategy.Default("type", "RollingUpdate");
        if (strategy.TextAt("type") == "RollingUpdate")
        {
            var rolling = strategy.Child("rollingUpdate");
            rolling.Default("maxUnavailable", unavailable);
            rolling.Default("maxSurge", surge);
        }
    }
}
