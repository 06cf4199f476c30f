using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>What became of the Job of one target, as far as the Job and its Pods tell.</summary>
internal enum JobState
{
    /// <summary>There is no such Job.</summary>
    Missing,

    /// <summary>It waits or runs.</summary>
    Active,

    /// <summary>It ended well; the steps have written what they had to say.</summary>
    Complete,

    /// <summary>It was killed, evicted or otherwise ended without a word of its own.</summary>
    Failed,
}

/// <summary>A Job as one reconcile saw it.</summary>
/// <param name="Trouble">What holds up or ended its Pod; null when all is well.</param>
/// <param name="Since">When the Job's Pod was made, for the patience with images that do not come.</param>
/// <param name="LastWords">What a container of the newest Pod left for Kubernetes to keep; null without any.</param>
internal sealed record JobObservation(
    JobState State,
    string Name,
    PodDiagnosis? Trouble = null,
    DateTimeOffset? Since = null,
    string? LastWords = null
)
{
    public static JobObservation Missing(string name) => new(JobState.Missing, name);

    public static JobObservation Of(V1Job job, IEnumerable<V1Pod> pods)
    {
        var newest = pods.OrderByDescending(pod => pod.Metadata.CreationTimestamp ?? DateTime.MinValue).ToList();
        var trouble = newest.Select(PodDiagnosis.Of).FirstOrDefault(one => one is not null);
        var since = newest.FirstOrDefault()?.Metadata.CreationTimestamp ?? job.Metadata.CreationTimestamp;
        var state =
            Ended(job, "Failed") is not null ? JobState.Failed
            : Ended(job, "Complete") is not null ? JobState.Complete
            : JobState.Active;
        return new JobObservation(
            state,
            job.Metadata.Name,
            trouble ?? (state == JobState.Failed ? new PodDiagnosis(PodCause.Stopped, WithoutPod(job)) : null),
            since is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)) : null,
            newest.Count > 0 ? WordsOf(newest[0]) : null
        );
    }

    /// <summary>Whether a Job is over, well or not.</summary>
    public static bool HasEnded(V1Job job) => Ended(job, "Failed") is not null || Ended(job, "Complete") is not null;

    private static string? WordsOf(V1Pod pod) =>
        pod
            .Status?.ContainerStatuses?.Select(container => container.State?.Terminated?.Message)
            .FirstOrDefault(message => !string.IsNullOrEmpty(message));

    private static V1JobCondition? Ended(V1Job job, string type) =>
        job.Status?.Conditions?.FirstOrDefault(one => one.Type == type && one.Status == "True");

    private static string WithoutPod(V1Job job)
    {
        var end = Ended(job, "Failed");
        return $"Job {job.Metadata.Name} failed ({end?.Reason ?? "no reason given"}: {end?.Message ?? "no message"}) "
            + "and its Pod is gone:"
            + " it was deleted, or its node was lost";
    }
}
