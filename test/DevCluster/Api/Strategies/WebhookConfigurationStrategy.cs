using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies;

internal sealed class WebhookConfigurationStrategy(bool mutating) : ResourceStrategy
{
    public override void Default(JsonObject value)
    {
        foreach (var hook in value.ArrayAt("webhooks").Objects())
        {
            hook.Default("failurePolicy", "Fail");
            hook.Default("matchPolicy", "Equivalent");
            hook.Child("namespaceSelector");
            hook.Child("objectSelector");
            hook.Default("timeoutSeconds", 10);
            hook.ObjectAt("clientConfig", "service")?.Default("port", 443);
            if (mutating)
            {
                hook.Default("reinvocationPolicy", "Never");
            }

            foreach (var rule in hook.ArrayAt("rules").Objects())
            {
                rule.Default("scope", "*");
            }
        }
    }

    public override bool ChangesGeneration(JsonObject value, JsonObject old) =>
        !value["webhooks"].SameAs(old["webhooks"]);

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        var index = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var hook in value.ArrayAt("webhooks").Objects())
        {
            var path = $"webhooks[{index++}]";
            var name = hook.TextAt("name") ?? string.Empty;
            if (name.Length == 0)
            {
                yield return FieldError.Required($"{path}.name");
            }
            else if (name.Split('.').Length < 3)
            {
                yield return FieldError.Invalid(
                    $"{path}.name",
                    name,
                    "should be a domain with at least three segments separated by dots"
                );
            }
            else if (!names.Add(name))
            {
                yield return FieldError.Duplicate($"{path}.name", name);
            }

            if (hook.TextAt("sideEffects") is null)
            {
                yield return FieldError.Required($"{path}.sideEffects", "must specify one of None, NoneOnDryRun");
            }

            if (!hook.ArrayAt("admissionReviewVersions").Texts().Contains("v1", StringComparer.Ordinal))
            {
                yield return FieldError.Invalid(
                    $"{path}.admissionReviewVersions",
                    hook["admissionReviewVersions"],
                    "must include at least one of v1, v1beta1"
                );
            }

            if (hook.IntegerAt("timeoutSeconds") is < 1 or > 30)
            {
                yield return FieldError.Invalid(
                    $"{path}.timeoutSeconds",
                    hook["timeoutSeconds"],
                    "the timeout value must be between 1 and 30 seconds"
                );
            }

            var hasUrl = hook.TextAt("clientConfig", "url") is not null;
            var hasService = hook.ObjectAt("clientConfig", "service") is not null;
            if (hasUrl == hasService)
            {
                yield return FieldError.Required($"{path}.clientConfig", "exactly one of url or service is required");
            }
        }
    }
}
