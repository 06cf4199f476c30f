using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Strategies.Workloads;

internal sealed class CronJobStrategy : ResourceStrategy
{
    private static readonly string[] Policies = ["Allow", "Forbid", "Replace"];

    public override void Default(JsonObject value)
    {
        var spec = value.Child("spec");
        spec.Default("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3);
        spec.Default("failedJobsHistoryLimit", 1);
        var template = spec.Child("jobTemplate");
        template.Child("metadata");
        TemplateDefaults.Apply(template.Child("spec").Child("template"));
    }

    public override IEnumerable<FieldError> Validate(JsonObject value)
    {
        var name = value.TextAt("metadata", "name") ?? string.Empty;
        if (name.Length > 52)
        {
            yield return FieldError.Invalid("metadata.name", name, "must be no more than 52 characters");
        }

        var spec = value.Child("spec");
        var schedule = spec.TextAt("schedule") ?? string.Empty;
        if (schedule.Length == 0)
        {
            yield return FieldError.Required("spec.schedule");
        }
        else if (CronSchedule.Complaint(schedule) is { } complaint)
        {
            yield return FieldError.Invalid("spec.schedule", schedule, complaint);
        }

        if (spec.TextAt("timeZone") is { } zone && !IsTimeZone(zone))
        {
            yield return FieldError.Invalid("spec.timeZone", zone, $"unknown time zone {zone}");
        }

        if (spec.TextAt("concurrencyPolicy") is { } policy && !Policies.Contains(policy, StringComparer.Ordinal))
        {
            yield return FieldError.NotSupported("spec.concurrencyPolicy", policy, Policies);
        }

        foreach (
            var field in (string[])["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"]
        )
        {
            if (spec.IntegerAt(field) is < 0 and var number)
            {
                yield return FieldError.Invalid($"spec.{field}", number, "must be greater than or equal to 0");
            }
        }

        foreach (
            var error in JobStrategy.ValidateSpec(spec.Child("jobTemplate").Child("spec"), "spec.jobTemplate.spec")
        )
        {
            yield return error;
        }
    }

    private static bool IsTimeZone(string zone) =>
        zone.Length > 0
        && !zone.Equals("Local", StringComparison.OrdinalIgnoreCase)
        && (zone == "UTC" || TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _));
}
