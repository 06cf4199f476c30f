using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies;

internal sealed class RoleStrategy : ResourceStrategy
{
    public RoleStrategy() => NameRule = NameRules.PathSegment;

    public override void Default(JsonObject value)
    {
        if (!value.ContainsKey("rules"))
        {
            value["rules"] = null;
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        var index = 0;
        foreach (var rule in value.ArrayAt("rules").Objects())
        {
            var path = $"rules[{index++}]";
            if (rule.ArrayAt("verbs") is not { Count: > 0 })
            {
                yield return FieldError.Required($"{path}.verbs", "verbs must contain at least one value");
            }

            if (rule.ArrayAt("nonResourceURLs") is { Count: > 0 })
            {
                continue;
            }

            if (rule.ArrayAt("apiGroups") is not { Count: > 0 })
            {
                yield return FieldError.Required(
                    $"{path}.apiGroups",
                    "resource rules must supply at least one api group"
                );
            }

            if (rule.ArrayAt("resources") is not { Count: > 0 })
            {
                yield return FieldError.Required(
                    $"{path}.resources",
                    "resource rules must supply at least one resource"
                );
            }
        }
    }
}

internal sealed class RoleBindingStrategy : ResourceStrategy
{
    public RoleBindingStrategy() => NameRule = NameRules.PathSegment;

    public override void Default(JsonObject value)
    {
        value.ObjectAt("roleRef")?.Default("apiGroup", "rbac.authorization.k8s.io");
        foreach (var subject in value.ArrayAt("subjects").Objects())
        {
            if (subject.TextAt("kind") is "User" or "Group")
            {
                subject.Default("apiGroup", "rbac.authorization.k8s.io");
            }
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        if (value.TextAt("roleRef", "kind") is var kind && kind is not ("Role" or "ClusterRole"))
        {
            yield return FieldError.NotSupported("roleRef.kind", kind, ["Role", "ClusterRole"]);
        }

        if (string.IsNullOrEmpty(value.TextAt("roleRef", "name")))
        {
            yield return FieldError.Required("roleRef.name");
        }

        var index = 0;
        foreach (var subject in value.ArrayAt("subjects").Objects())
        {
            var path = $"subjects[{index++}]";
            if (string.IsNullOrEmpty(subject.TextAt("name")))
            {
                yield return FieldError.Required($"{path}.name");
            }

            if (subject.TextAt("kind") == "ServiceAccount" && string.IsNullOrEmpty(subject.TextAt("namespace")))
            {
                yield return FieldError.Required($"{path}.namespace");
            }
        }
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject value, JsonObject old)
    {
        if (!value["roleRef"].SameAs(old["roleRef"]))
        {
            yield return FieldError.Invalid("roleRef", value["roleRef"], "cannot change roleRef");
        }
    }
}
