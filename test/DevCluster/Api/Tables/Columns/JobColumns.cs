using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of jobs and cron jobs.</summary>
internal static class JobColumns
{
    public static readonly IReadOnlyList<TableColumn> Jobs =
    [
        CommonColumns.Name,
        CommonColumns.Text("Status", Status),
        CommonColumns.Text("Completions", Completions),
        new("Duration", "string", "Time required to complete the job.", 0, Duration),
        CommonColumns.Age,
        CommonColumns.Text("Containers", o => WorkloadColumns.Containers(o, "name"), 1),
        CommonColumns.Text("Images", o => WorkloadColumns.Containers(o, "image"), 1),
        CommonColumns.Text("Selector", o => WorkloadColumns.Selector(o.ObjectAt("spec", "selector")), 1),
    ];

    public static readonly IReadOnlyList<TableColumn> CronJobs =
    [
        CommonColumns.Name,
        CommonColumns.Text("Schedule", string.Empty, "spec", "schedule"),
        CommonColumns.Text("Timezone", o => o.TextAt("spec", "timeZone") ?? "<none>"),
        CommonColumns.Text("Suspend", o => o.FlagAt("spec", "suspend") ? "True" : "False"),
        CommonColumns.Number("Active", o => o.ArrayAt("status", "active")?.Count ?? 0),
        new("Last Schedule", "string", string.Empty, 0, (o, c) =>
            o.TextAt("status", "lastScheduleTime") is { } last ? HumanDuration.Since(last, c.Now) : "<none>"
        ),
        CommonColumns.Age,
        CommonColumns.Text("Containers", o => WorkloadColumns.Containers(Template(o), "name"), 1),
        CommonColumns.Text("Images", o => WorkloadColumns.Containers(Template(o), "image"), 1),
        CommonColumns.Text("Selector", o => WorkloadColumns.Selector(Template(o).ObjectAt("spec", "selector")), 1),
    ];

    private static JsonObject Template(JsonObject cronJob) => cronJob.ObjectAt("spec", "jobTemplate") ?? [];

    private static string Status(JsonObject job)
    {
        bool Has(string type) =>
            job.ArrayAt("status", "conditions")
                .Objects()
                .Any(c => c.TextAt("type") == type && c.TextAt("status") == "True");
        return Has("Complete") ? "Complete"
            : Has("Failed") ? "Failed"
            : job.TextAt("metadata", "deletionTimestamp") is not null ? "Terminating"
            : Has("Suspended") ? "Suspended"
            : Has("FailureTarget") ? "FailureTarget"
            : Has("SuccessCriteriaMet") ? "SuccessCriteriaMet"
            : "Running";
    }

    private static string Completions(JsonObject job)
    {
        var succeeded = job.IntegerAt("status", "succeeded") ?? 0;
        var parallelism = job.IntegerAt("spec", "parallelism") ?? 0;
        return job.IntegerAt("spec", "completions") is { } wanted ? $"{succeeded}/{wanted}"
            : parallelism > 1 ? $"{succeeded}/1 of {parallelism}"
            : $"{succeeded}/1";
    }

    private static JsonNode? Duration(JsonObject job, CellContext context)
    {
        if (Time(job.TextAt("status", "startTime")) is not { } start)
        {
            return string.Empty;
        }

        return HumanDuration.Format((Time(job.TextAt("status", "completionTime")) ?? context.Now) - start);
    }

    private static DateTimeOffset? Time(string? stamp) =>
        DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}
