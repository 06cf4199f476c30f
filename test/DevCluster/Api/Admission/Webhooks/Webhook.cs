using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Resources;
using Granary.DevCluster.Api.Selectors;

namespace Granary.DevCluster.Api.Admission.Webhooks;

/// <summary>One webhook of a configuration.</summary>
internal sealed class Webhook(JsonObject value)
{
    private const int DefaultSeconds = 10;

    public string Name { get; } = value.TextAt("name") ?? string.Empty;

    public bool IgnoresFailure { get; } = value.TextAt("failurePolicy") == "Ignore";

    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(value.IntegerAt("timeoutSeconds") ?? DefaultSeconds);

    public string? Url { get; } = value.TextAt("clientConfig", "url");

    public JsonObject? Service { get; } = value.ObjectAt("clientConfig", "service");

    /// <summary>PEM certificates of the authorities to trust, base64; null trusts those of the machine.</summary>
    public string? CaBundle { get; } = value.TextAt("clientConfig", "caBundle");

    /// <summary>May be called for a dry run.</summary>
    public bool AllowsDryRun { get; } = value.TextAt("sideEffects") is "None" or "NoneOnDryRun";

    /// <param name="namespaceLabels">Labels of the object's namespace; null for cluster-scoped objects.</param>
    public bool Concerns(AdmissionAttempt attempt, JsonObject? namespaceLabels)
    {
        if (!value.ArrayAt("rules").Objects().Any(r => RuleFits(r, attempt)))
        {
            return false;
        }

        if (
            namespaceLabels is not null
            && LabelSelector.FromObject(value.ObjectAt("namespaceSelector")) is { IsEmpty: false } namespaces
            && !namespaces.MatchesLabels(namespaceLabels)
        )
        {
            return false;
        }

        return LabelSelector.FromObject(value.ObjectAt("objectSelector")) is not { IsEmpty: false } objects
            || (attempt.Object is { } now && objects.Matches(now))
            || (attempt.Old is { } old && objects.Matches(old));
    }

    private static bool RuleFits(JsonObject rule, AdmissionAttempt attempt)
    {
        var resource = attempt.Request.Resource;
        var path = attempt.Subresource.Length == 0 ? resource.Plural : $"{resource.Plural}/{attempt.Subresource}";
        return Has(rule, "operations", attempt.Operation)
            && Has(rule, "apiGroups", resource.Group)
            && Has(rule, "apiVersions", resource.Version)
            && rule.ArrayAt("resources").Texts().Any(r => ResourceFits(r, path, resource.Plural, attempt.Subresource))
            && (rule.TextAt("scope") is null or "*" || rule.TextAt("scope") == "Namespaced" == resource.Namespaced);
    }

    private static bool ResourceFits(string rule, string path, string plural, string subresource) =>
        rule == path
        || rule == "*/*"
        || (rule == "*" && subresource.Length == 0)
        || rule == $"{plural}/*"
        || (subresource.Length > 0 && rule == $"*/{subresource}");

    private static bool Has(JsonObject rule, string field, string wanted) =>
        rule.ArrayAt(field).Texts().Any(v => v == "*" || v == wanted);
}
