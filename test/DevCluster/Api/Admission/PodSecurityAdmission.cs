using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.PodSecurity;
using Granary.DevCluster.Api.Resources;

namespace Granary.DevCluster.Api.Admission;

/// <summary>
/// Refuses Pods that the labels of their namespace do not allow, and warns of them and of templates that would make
/// such Pods. The audit level is accepted and has no effect: there is no audit log.
/// </summary>
internal sealed class PodSecurityAdmission(ApiCore core) : IAdmissionRule
{
    public ValueTask MutateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public ValueTask ValidateAsync(AdmissionAttempt attempt, CancellationToken cancellationToken)
    {
        var resource = attempt.Request.Resource;
        if (
            attempt is not { Operation: "CREATE" or "UPDATE", Subresource: "", Object: { } value }
            || SpecOf(resource, value) is not { } spec
        )
        {
            return ValueTask.CompletedTask;
        }

        var isPod = resource.Plural == "pods";
        if (isPod && attempt.Operation == "UPDATE")
        {
            // What these rules look at cannot change in a Pod that exists.
            return ValueTask.CompletedTask;
        }

        var policy = PodSecurityPolicy.Read(core.Store.Get("namespaces", string.Empty, attempt.Namespace)?.Value);
        if (isPod && PodSecurityStandards.Violations(spec, policy.Enforce.Level) is { } refused)
        {
            throw ApiErrors.Forbidden(resource, attempt.Name, $"violates PodSecurity \"{policy.Enforce}\": {refused}");
        }

        if (PodSecurityStandards.Violations(spec, policy.Warn.Level) is { } doubtful)
        {
            attempt.Request.Warnings.Add($"would violate PodSecurity \"{policy.Warn}\": {doubtful}");
        }

        return ValueTask.CompletedTask;
    }

    private static JsonObject? SpecOf(ResourceDefinition resource, JsonObject value) =>
        (resource.Group, resource.Plural) switch
        {
            ("", "pods") => value.ObjectAt("spec"),
            ("apps", "deployments" or "replicasets" or "statefulsets" or "daemonsets") or ("batch", "jobs") =>
                value.ObjectAt("spec", "template", "spec"),
            ("batch", "cronjobs") => value.ObjectAt("spec", "jobTemplate", "spec", "template", "spec"),
            _ => null,
        };
}
