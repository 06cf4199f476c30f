using Granary.DevCluster.Machinery;
using k8s.Models;

namespace Granary.DevCluster.Controllers.CronJobs;

/// <summary>Keeps a CronJob's list of active Jobs true, and its finished Jobs within the history limits.</summary>
internal sealed class CronJobHistory(ControllerContext context, EventRecorder events, V1CronJob cron, List<V1Job> jobs)
{
    public static V1ObjectReference ReferenceTo(V1Job job) =>
        new()
        {
            ApiVersion = "batch/v1",
            Kind = "Job",
            Name = job.Metadata.Name,
            NamespaceProperty = job.Metadata.NamespaceProperty,
            Uid = job.Metadata.Uid,
            ResourceVersion = job.Metadata.ResourceVersion,
        };

    public static async Task DeleteAsync(
        ControllerContext context,
        EventRecorder events,
        V1CronJob cron,
        V1Job job,
        CancellationToken ct
    )
    {
        await context.Client.DeleteAsync(
            ResourceType.Jobs.Path(job.Metadata.NamespaceProperty, job.Metadata.Name),
            job.Metadata.Uid,
            "Background",
            ct
        );
        events.Record(cron, ResourceType.CronJobs, "Normal", "SuccessfulDelete", $"Deleted job {job.Metadata.Name}");
    }

    public async Task SettleAsync(CancellationToken ct)
    {
        await TrimAsync("Complete", cron.Spec.SuccessfulJobsHistoryLimit ?? 3, ct);
        await TrimAsync("Failed", cron.Spec.FailedJobsHistoryLimit ?? 1, ct);
        foreach (var job in jobs)
        {
            Note(job);
        }

        foreach (var active in cron.Status.Active?.ToList() ?? [])
        {
            if (
                jobs.TrueForAll(job => job.Metadata.Uid != active.Uid)
                && await context.Client.FindAsync<V1Job>(ResourceType.Jobs, active.NamespaceProperty, active.Name, ct)
                    is null
            )
            {
                events.Record(
                    cron,
                    ResourceType.CronJobs,
                    "Normal",
                    "MissingJob",
                    $"Active job went missing: {active.Name}"
                );
                cron.Status.Active!.Remove(active);
            }
        }
    }

    private static V1JobCondition? EndOf(V1Job job) =>
        job.Status?.Conditions?.FirstOrDefault(c => c is { Type: "Complete" or "Failed", Status: "True" });

    private void Note(V1Job job)
    {
        var listed = cron.Status.Active?.FirstOrDefault(active => active.Uid == job.Metadata.Uid);
        var end = EndOf(job);
        if (listed is null && end is null && job.Metadata.DeletionTimestamp is null)
        {
            events.Record(
                cron,
                ResourceType.CronJobs,
                "Warning",
                "UnexpectedJob",
                $"Saw a job that the controller did not create or forgot: {job.Metadata.Name}"
            );
        }
        else if (listed is not null && end is not null)
        {
            cron.Status.Active!.Remove(listed);
            events.Record(
                cron,
                ResourceType.CronJobs,
                "Normal",
                "SawCompletedJob",
                $"Saw completed job: {job.Metadata.Name}, condition: {end.Type}"
            );
        }

        if (
            end?.Type == "Complete"
            && job.Status.CompletionTime is { } completed
            && !(cron.Status.LastSuccessfulTime >= completed)
        )
        {
            cron.Status.LastSuccessfulTime = completed;
        }
    }

    private async Task TrimAsync(string condition, int limit, CancellationToken ct)
    {
        var finished = jobs.Where(job => EndOf(job)?.Type == condition && job.Metadata.DeletionTimestamp is null)
            .OrderBy(job => job.Status.StartTime ?? DateTime.MaxValue)
            .ThenBy(job => job.Metadata.Name, StringComparer.Ordinal)
            .ToList();

        // One that has not been noted as completed yet keeps its place until it is.
        foreach (
            var job in finished
                .SkipLast(limit)
                .Where(job => cron.Status.Active?.Any(a => a.Uid == job.Metadata.Uid) != true)
        )
        {
            await DeleteAsync(context, events, cron, job, ct);
            jobs.Remove(job);
            cron.Status.Active?.Where(active => active.Uid == job.Metadata.Uid)
                .ToList()
                .ForEach(active => cron.Status.Active.Remove(active));
        }
    }
}
