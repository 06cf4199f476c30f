using System.Globalization;
using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>Why a Pod cannot go on, in words that a person can act on.</summary>
/// <param name="Message">
/// Names the Pod, the container, the reason, the exit code and the last words of the process.
/// </param>
/// <param name="IsFinal">
/// False where Kubernetes keeps trying (an image that does not come): it may still get well.
/// </param>
/// <param name="IsScheduling">The Pod waits for a node; that is not the Pod's fault.</param>
internal sealed record PodDiagnosis(string Message, bool IsFinal, bool IsScheduling = false)
{
    private const int LastWordsLimit = 1024;

    /// <summary>What Kubernetes says while it keeps trying to start a container.</summary>
    private static readonly HashSet<string> StuckReasons =
    [
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "CrashLoopBackOff",
    ];

    /// <summary>The trouble that a Pod is in; null while it runs, waits its turn or has ended well.</summary>
    public static PodDiagnosis? Of(V1Pod pod)
    {
        var statuses = Containers(pod).ToList();
        if (statuses.FirstOrDefault(one => Killed(one) is not null) is { } dead)
        {
            return new PodDiagnosis(Killed(dead) is { } end ? Ended(pod, dead, end) : "", IsFinal: true);
        }

        if (pod.Status?.Phase == "Failed")
        {
            return new PodDiagnosis(Lost(pod), IsFinal: true);
        }

        if (statuses.FirstOrDefault(IsStuck)?.State?.Waiting is { } waiting)
        {
            var stuck = statuses.First(IsStuck);
            return new PodDiagnosis(
                $"container {stuck.Name} of Pod {pod.Metadata.Name} cannot start: "
                    + $"{waiting.Reason}{Clause(waiting.Message)} (image {stuck.Image})",
                IsFinal: waiting.Reason is "InvalidImageName" or "ErrImageNeverPull"
            );
        }

        return Unschedulable(pod);
    }

    private static IEnumerable<V1ContainerStatus> Containers(V1Pod pod) =>
        (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []);

    private static V1ContainerStateTerminated? Killed(V1ContainerStatus container) =>
        container.State?.Terminated is { ExitCode: not 0 } terminated ? terminated : null;

    private static bool IsStuck(V1ContainerStatus container) =>
        container.State?.Waiting?.Reason is { } reason && StuckReasons.Contains(reason);

    private static string Ended(V1Pod pod, V1ContainerStatus container, V1ContainerStateTerminated end)
    {
        var code = string.Create(CultureInfo.InvariantCulture, $"exit code {end.ExitCode}");
        var how = end.Reason switch
        {
            "OOMKilled" =>
                $"was OOMKilled: it needed more memory than its limit{MemoryLimit(pod, container.Name)} ({code})",
            null or "" or "Error" => $"ended with {code}{Signal(end)}",
            _ => $"ended: {end.Reason} ({code})",
        };
        var evicted = pod.Status.Reason is { Length: > 0 } reason
            ? $"; the Pod was stopped: {reason}{Clause(pod.Status.Message)}"
            : "";
        return $"container {container.Name} of Pod {pod.Metadata.Name} {how}{evicted}{Clause(end.Message)}";
    }

    private static string Lost(V1Pod pod)
    {
        var reason = pod.Status.Reason is { Length: > 0 } given ? given : "without a reason";
        return $"Pod {pod.Metadata.Name} was stopped by Kubernetes: {reason}{Clause(pod.Status.Message)}";
    }

    private static PodDiagnosis? Unschedulable(V1Pod pod) =>
        pod.Status?.Conditions?.FirstOrDefault(one => one is { Type: "PodScheduled", Status: "False" }) is { } condition
            ? new PodDiagnosis(
                $"Pod {pod.Metadata.Name} is not scheduled: {condition.Reason}{Clause(condition.Message)}",
                IsFinal: false,
                IsScheduling: true
            )
            : null;

    private static string MemoryLimit(V1Pod pod, string container)
    {
        var spec = (pod.Spec?.InitContainers ?? [])
            .Concat(pod.Spec?.Containers ?? [])
            .FirstOrDefault(one => one.Name == container);
        return spec?.Resources?.Limits is { } limits && limits.TryGetValue("memory", out var memory)
            ? $" of {memory}"
            : "";
    }

    /// <summary>128 + n is the shell's way to say that signal n ended a process.</summary>
    private static string Signal(V1ContainerStateTerminated end) =>
        end.ExitCode switch
        {
            137 => " (killed: SIGKILL)",
            143 => " (stopped: SIGTERM)",
            139 => " (crashed: SIGSEGV)",
            _ => "",
        };

    private static string Clause(string? message) =>
        string.IsNullOrWhiteSpace(message) ? "" : $": {LastWords(message)}";

    /// <summary>The end of a message says what happened; its start is often progress.</summary>
    private static string LastWords(string? message)
    {
        var trimmed = (message ?? "").Trim();
        return trimmed.Length <= LastWordsLimit ? trimmed : "…" + trimmed[^LastWordsLimit..];
    }
}
