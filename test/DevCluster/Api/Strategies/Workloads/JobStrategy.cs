using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies.Workloads;

internal sealed class JobStrategy : ResourceStrategy
{
    public override (string Policy, string? Warning) DefaultPropagation =>
        (
            "Orphan",
            "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove "
                + "them "
                + "or set propagationPolicy=Orphan to suppress this warning"
        );

    public static void DefaultSpec(JsonObject spec)
    {
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
            spec["parallelism"] = 1;
        }

        spec.Default("parallelism", 1);
        if (spec["backoffLimit"] is null)
        {
            spec["backoffLimit"] = spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue;
        }

        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("manualSelector", false);
        spec.Default("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        foreach (var rule in spec.ArrayAt("podFailurePolicy", "rules").Objects())
        {
            foreach (var pattern in rule.ArrayAt("onPodConditions").Objects())
            {
                pattern.Default("status", "True");
            }
        }
    }

    public override void Default(JsonObject value)
    {
        var spec = value.Child("spec");
        TemplateDefaults.Apply(spec.Child("template"));
        DefaultSpec(spec);
        var labels = spec.ObjectAt("template", "metadata", "labels");
        if (labels is not null && value.ObjectAt("metadata", "labels") is null)
        {
            value.Child("metadata")["labels"] = labels.DeepClone();
        }
    }

    public override void PrepareForCreate(JsonObject value)
    {
        base.PrepareForCreate(value);
        var spec = value.Child("spec");
        if (spec.FlagAt("manualSelector"))
        {
            return;
        }

        var uid = value.TextAt("metadata", "uid")!;
        var name = value.TextAt("metadata", "name")!;
        var template = spec.Child("template").Child("metadata");

        // A Job without labels of its own shows those of its Pods; one with labels keeps just these.
        var bare = value.ObjectAt("metadata", "labels") is not { Count: > 0 };
        foreach (var holder in bare ? (JsonObject[])[value.Child("metadata"), template] : [template])
        {
            var labels = holder.Child("labels");
            labels["batch.kubernetes.io/controller-uid"] = uid;
            labels["batch.kubernetes.io/job-name"] = name;
            labels["controller-uid"] = uid;
            labels["job-name"] = name;
        }

        spec["selector"] = new JsonObject
        {
            ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = uid },
        };
    }

    public override IEnumerable<FieldError> Validate(JsonObject value) => ValidateSpec(value.Child("spec"), "spec");

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject value, JsonObject old)
    {
        foreach (var field in (string[])["completions", "selector", "template", "completionMode", "podFailurePolicy"])
        {
            var now = value["spec"].At(field);
            var before = old["spec"].At(field);

            // The API server prints its own structure here; the value as the client knows it says the same.
            if (!now.SameAs(before))
            {
                yield return FieldError.Invalid($"spec.{field}", now, "field is immutable");
            }
        }
    }

    public static IEnumerable<FieldError> ValidateSpec(JsonObject spec, string path)
    {
        foreach (
            var field in (string[])
                ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"]
        )
        {
            if (spec.IntegerAt(field) is < 0 and var number)
            {
                yield return FieldError.Invalid($"{path}.{field}", number, "must be greater than or equal to 0");
            }
        }

        var podSpec = spec.Child("template").Child("spec");
        foreach (var error in PodValidation.Validate(podSpec, $"{path}.template.spec"))
        {
            yield return error;
        }

        if (podSpec.TextAt("restartPolicy") is "Always")
        {
            yield return new FieldError(
                "FieldValueNotSupported",
                $"{path}.template.spec.restartPolicy",
                "Unsupported value: \"Always\": supported values: \"OnFailure\", \"Never\""
            );
        }
    }
}
