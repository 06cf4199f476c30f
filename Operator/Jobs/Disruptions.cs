using Granary.Api;

namespace Granary.Operator.Jobs;

/// <summary>Why a Job will never report what it owes.</summary>
/// <param name="Cause">Null when the Job itself is gone, or ended without a word.</param>
internal sealed record Disruption(PodCause? Cause, string Message);

/// <summary>Tells a Job that will still report from one that never will.</summary>
internal static class Disruptions
{
    /// <param name="job">Null when it was not looked at.</param>
    /// <param name="owed">What the Job has not reported yet.</param>
    /// <returns>Why the Job is lost; null while there is hope.</returns>
    public static Disruption? Of(JobObservation? job, IReadOnlyList<string> owed, DateTimeOffset now, Limits limits) =>
        job switch
        {
            null => null,
            { State: JobState.Missing } => new Disruption(
                null,
                $"Job {job.Name} is gone: it was deleted before it had reported"
            ),
            { State: JobState.Failed } => OfFailed(job),
            { State: JobState.Complete } when owed.Count > 0 => new Disruption(
                null,
                $"Job {job.Name} ended without reporting {string.Join(" and ", owed)}; the log of its last container "
                    + "says why"
            ),
            { State: JobState.Active, Trouble: { IsFinal: true } trouble } => new Disruption(
                trouble.Cause,
                trouble.Message
            ),
            { State: JobState.Active, Trouble: { } trouble }
                when PatienceWith(trouble, limits) is { } patience
                    && (trouble.Since ?? job.Since) is { } since
                    && now - since >= patience => new Disruption(
                trouble.Cause,
                $"{trouble.Message}; given up after {GoDuration.Format(patience)}"
            ),
            _ => null,
        };

    /// <summary>A Job that Kubernetes has given up.</summary>
    public static Disruption OfFailed(JobObservation job) =>
        new(job.Trouble?.Cause, job.Trouble?.Message ?? $"Job {job.Name} failed");

    /// <returns>
    /// Null for a Pod that waits for a node: one may have to be bought, so only the session's deadline ends that.
    /// </returns>
    private static TimeSpan? PatienceWith(PodDiagnosis trouble, Limits limits) =>
        trouble.Cause switch
        {
            PodCause.Unscheduled => null,
            PodCause.NodeNotReady => limits.Node,
            _ => limits.Startup,
        };
}
