using k8s.Models;

namespace Granary.DevCluster.Controllers.Jobs;

/// <summary>How a Job ends: the interim condition, the reason and the message.</summary>
/// <param name="Interim">SuccessCriteriaMet or FailureTarget.</param>
internal sealed record JobVerdict(string Interim, string Reason, string Message)
{
    /// <summary>The condition that follows when the last Pod has ended.</summary>
    public string Final => Succeeds ? "Complete" : "Failed";

    public bool Succeeds => Interim == "SuccessCriteriaMet";

    /// <summary>
    /// The verdict that was reached earlier and is stored, or the one that the counts and the clock give now; null: go
    /// on.
    /// </summary>
    public static JobVerdict? For(V1Job job, JobTally tally, DateTime now)
    {
        var stored = job.Status?.Conditions?.FirstOrDefault(c =>
            c is { Type: "SuccessCriteriaMet" or "FailureTarget", Status: "True" }
        );
        if (stored is not null)
        {
            return new JobVerdict(stored.Type, stored.Reason, stored.Message);
        }

        if (tally.FailJobMessage is { } message)
        {
            return new JobVerdict("FailureTarget", "PodFailurePolicy", message);
        }

        if (tally.Failed > (job.Spec.BackoffLimit ?? 6) || RestartsExceed(job, tally))
        {
            return new JobVerdict(
                "FailureTarget",
                "BackoffLimitExceeded",
                "Job has reached the specified backoff limit"
            );
        }

        if (Deadline(job) is { } deadline && job.Spec.Suspend != true && now >= deadline)
        {
            return new JobVerdict("FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline");
        }

        var done = job.Spec.Completions is { } completions
            ? tally.Succeeded >= completions
            : tally.Succeeded > 0 && tally.Active.Count == 0 && tally.Terminating.Count == 0;
        return done && job.Spec.Suspend != true
            ? new JobVerdict("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods")
            : null;
    }

    /// <summary>The moment at which <c>activeDeadlineSeconds</c> ends; null without one.</summary>
    public static DateTime? Deadline(V1Job job) =>
        job.Spec.ActiveDeadlineSeconds is { } seconds && job.Status?.StartTime is { } start
            ? start.AddSeconds(seconds)
            : null;

    // With restartPolicy OnFailure the failures are restarts inside of Pods that go on.
    private static bool RestartsExceed(V1Job job, JobTally tally)
    {
        if (job.Spec.Template.Spec.RestartPolicy != "OnFailure")
        {
            return false;
        }

        var restarts = tally
            .Active.SelectMany(pod =>
                (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? [])
            )
            .Sum(status => status.RestartCount);
        var limit = job.Spec.BackoffLimit ?? 6;
        return limit == 0 ? restarts > 0 : restarts >= limit;
    }
}
