using k8s.Models;

namespace Granary.DevCluster.Controllers.Jobs;

/// <summary>What a Job's <c>podFailurePolicy</c> says about one failed Pod.</summary>
/// <param name="Action">FailJob, Ignore, Count; null when no rule matches.</param>
/// <param name="Message">The sentence that goes into the Job's condition.</param>
internal readonly record struct PodFailureVerdict(string? Action, string Message)
{
    /// <summary>The first rule that matches decides.</summary>
    public static PodFailureVerdict For(V1PodFailurePolicy? policy, V1Pod pod)
    {
        if (pod.Status?.Phase != "Failed")
        {
            return default;
        }

        for (var index = 0; index < (policy?.Rules?.Count ?? 0); index++)
        {
            var rule = policy!.Rules[index];
            if (rule.OnExitCodes is { } codes && Exit(pod, codes) is { } exit)
            {
                return new(
                    rule.Action,
                    $"Container {exit.Name} for pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} failed with "
                        + "exit code "
                        + $"{exit.State.Terminated.ExitCode} matching {rule.Action} rule at index {index}"
                );
            }

            var condition = rule.OnPodConditions?.FirstOrDefault(wanted =>
                pod.Status.Conditions?.Any(c => c.Type == wanted.Type && c.Status == (wanted.Status ?? "True")) == true
            );
            if (condition is not null)
            {
                return new(
                    rule.Action,
                    $"Pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} has condition {condition.Type} "
                        + $"matching {rule.Action} rule at index {index}"
                );
            }
        }

        return default;
    }

    private static V1ContainerStatus? Exit(V1Pod pod, V1PodFailurePolicyOnExitCodesRequirement codes) =>
        (pod.Status.ContainerStatuses ?? [])
            .Concat(pod.Status.InitContainerStatuses ?? [])
            .FirstOrDefault(status =>
                (codes.ContainerName is null || codes.ContainerName == status.Name)
                && status.State?.Terminated is { ExitCode: not 0 } ended
                && codes.Values.Contains(ended.ExitCode) == (codes.OperatorProperty == "In")
            );
}
