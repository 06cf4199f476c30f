using k8s.Models;

namespace Granary.DevCluster.Controllers.Jobs;

/// <summary>
/// The Pods of a Job, counted. A finished Pod is counted exactly once, in three stored steps: its uid goes into
/// <c>uncountedTerminatedPods</c>, its tracking finalizer goes, its uid becomes a number in <c>succeeded</c> or
/// <c>failed</c>.
/// </summary>
internal sealed class JobTally
{
    public const string Finalizer = "batch.kubernetes.io/job-tracking";

    private JobTally(V1JobStatus status) => Status = status;

    /// <summary>The status with every Pod counted whose finalizer is gone.</summary>
    public V1JobStatus Status { get; }

    public List<V1Pod> Active { get; } = [];

    /// <summary>Being deleted, not yet ended.</summary>
    public List<V1Pod> Terminating { get; } = [];

    /// <summary>Ended, still with the finalizer, not yet noted in the status.</summary>
    public List<V1Pod> NewlySucceeded { get; } = [];

    public List<V1Pod> NewlyFailed { get; } = [];

    /// <summary>Noted in the status earlier, not yet released: a pass was cut short between the two.</summary>
    public List<V1Pod> Noted { get; } = [];

    /// <summary>Failed Pods that the failure policy ignores: released, not counted.</summary>
    public List<V1Pod> Ignored { get; } = [];

    /// <summary>The message of the first FailJob rule that matched; null when none did.</summary>
    public string? FailJobMessage { get; private set; }

    public int Succeeded =>
        (Status.Succeeded ?? 0) + (Status.UncountedTerminatedPods?.Succeeded?.Count ?? 0) + NewlySucceeded.Count;

    public int Failed =>
        (Status.Failed ?? 0) + (Status.UncountedTerminatedPods?.Failed?.Count ?? 0) + NewlyFailed.Count;

    public int Ready => Active.Count(pod => pod.IsReady());

    public static JobTally Of(V1Job job, IReadOnlyCollection<V1Pod> pods, bool failing)
    {
        var tally = new JobTally(job.Status.Copy());
        tally.CountReleased(pods);
        var noted = Uncounted(tally.Status, s => s.Succeeded)
            .Concat(Uncounted(tally.Status, s => s.Failed))
            .ToHashSet(StringComparer.Ordinal);
        var replaceOnlyFailed = job.Spec.PodReplacementPolicy == "Failed";
        foreach (
            var pod in pods.OrderBy(pod => pod.Metadata.CreationTimestamp)
                .ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
        )
        {
            tally.Add(pod, job, noted, countDeleted: !replaceOnlyFailed || failing);
        }

        return tally;
    }

    public static bool IsTracked(V1Pod pod) => pod.Metadata.Finalizers?.Contains(Finalizer) == true;

    private static IEnumerable<string> Uncounted(
        V1JobStatus status,
        Func<V1UncountedTerminatedPods, IList<string>?> list
    ) => status.UncountedTerminatedPods is { } pods ? list(pods) ?? [] : [];

    private void Add(V1Pod pod, V1Job job, HashSet<string> noted, bool countDeleted)
    {
        if (pod.IsActive())
        {
            Active.Add(pod);
            return;
        }

        if (pod.IsDeleted() && !pod.IsTerminal())
        {
            Terminating.Add(pod);
        }

        if (!IsTracked(pod))
        {
            return;
        }

        if (noted.Contains(pod.Metadata.Uid))
        {
            Noted.Add(pod);
            return;
        }

        if (pod.Status?.Phase == "Succeeded")
        {
            NewlySucceeded.Add(pod);
        }
        else if (pod.Status?.Phase == "Failed" || countDeleted)
        {
            var verdict = PodFailureVerdict.For(job.Spec.PodFailurePolicy, pod);
            FailJobMessage ??= verdict.Action == "FailJob" ? verdict.Message : null;
            (verdict.Action == "Ignore" ? Ignored : NewlyFailed).Add(pod);
        }
    }

    private void CountReleased(IReadOnlyCollection<V1Pod> pods)
    {
        var tracked = pods.Where(IsTracked).Select(pod => pod.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
        var still = new V1UncountedTerminatedPods();
        foreach (var uid in Uncounted(Status, s => s.Succeeded))
        {
            if (tracked.Contains(uid))
            {
                (still.Succeeded ??= []).Add(uid);
            }
            else
            {
                Status.Succeeded = (Status.Succeeded ?? 0) + 1;
            }
        }

        foreach (var uid in Uncounted(Status, s => s.Failed))
        {
            if (tracked.Contains(uid))
            {
                (still.Failed ??= []).Add(uid);
            }
            else
            {
                Status.Failed = (Status.Failed ?? 0) + 1;
            }
        }

        Status.UncountedTerminatedPods = still;
    }
}
