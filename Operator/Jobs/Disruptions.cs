using Granary.Api;

namespace Granary.Operator.Jobs;

/// <summary>Tells a Job that will still report from one that never will.</summary>
internal static class Disruptions
{
    /// <param name="job">Null when it was not looked at.</param>
    /// <param name="owed">What the Job has not reported yet.</param>
    /// <param name="startupPatience">How long a Pod may fail to start.</param>
    /// <returns>Why the Job is lost; null while there is hope.</returns>
    public static string? Of(
        JobObservation? job,
        IReadOnlyList<string> owed,
        DateTimeOffset now,
        TimeSpan startupPatience
    ) =>
        job switch
        {
            null => null,
            { State: JobState.Missing } => $"Job {job.Name} is gone: it was deleted before it had reported",
            { State: JobState.Failed, Trouble: { } trouble } => trouble.Message,
            { State: JobState.Failed } => $"Job {job.Name} failed",
            { State: JobState.Complete } when owed.Count > 0 =>
                $"Job {job.Name} ended without reporting {string.Join(" and ", owed)}; the log of its last container "
                    + "says why",
            { State: JobState.Active, Trouble: { IsFinal: true } trouble } => trouble.Message,
            { State: JobState.Active, Trouble: { } trouble, Since: { } since }
                when IsStartup(trouble) && now - since >= startupPatience =>
                $"{trouble.Message}; given up after {Api.GoDuration.Format(startupPatience)}",
            _ => null,
        };

    /// <summary>
    /// A Pod that waits for a node may be waiting for one to be bought: only the session's deadline ends that.
    /// </summary>
    private static bool IsStartup(PodDiagnosis trouble) => !trouble.IsScheduling;
}
