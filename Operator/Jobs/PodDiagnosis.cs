using System.Globalization;
using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>What keeps a Pod from doing its work.</summary>
internal enum PodCause
{
    /// <summary>A container ended with an error.</summary>
    Failed,

    /// <summary>A container, or a program in it, needed more memory than it may have.</summary>
    OutOfMemory,

    /// <summary>Kubernetes stopped the Pod (eviction, a lost node), or the Pod is gone.</summary>
    Stopped,

    /// <summary>No container can ever be made from what the Pod asks for.</summary>
    Impossible,

    /// <summary>A container does not start, and Kubernetes keeps trying: an image that does not come.</summary>
    NotStarting,

    /// <summary>The Pod waits for a node; one may be on its way.</summary>
    Unscheduled,

    /// <summary>The Pod is refused: by a quota, a security standard, or for want of its account.</summary>
    NotCreated,

    /// <summary>The Pod's node does not report; the Pod may still run there.</summary>
    NodeNotReady,
}

/// <summary>Why a Pod cannot go on, in words that a person can act on.</summary>
/// <param name="Message">
/// Names the Pod, the container, the reason, the exit code and the last words of the process.
/// </param>
/// <param name="Since">When the trouble began, where that is another time than the Pod's creation.</param>
internal sealed record PodDiagnosis(PodCause Cause, string Message, DateTimeOffset? Since = null)
{
    private const int LastWordsLimit = 1024;

    private const string OomKilled = "OOMKilled";

    /// <summary>What Kubernetes says of a container that it does not get started, and whether it ever may.</summary>
    private static readonly Dictionary<string, PodCause> StuckReasons = new(StringComparer.Ordinal)
    {
        ["ErrImagePull"] = PodCause.NotStarting,
        ["ImagePullBackOff"] = PodCause.NotStarting,
        ["ErrImageNeverPull"] = PodCause.Impossible,
        ["InvalidImageName"] = PodCause.Impossible,
        ["ImageInspectError"] = PodCause.NotStarting,
        ["RegistryUnavailable"] = PodCause.NotStarting,
        ["CreateContainerConfigError"] = PodCause.NotStarting,
        ["CreateContainerError"] = PodCause.NotStarting,
        ["RunContainerError"] = PodCause.NotStarting,
        ["CrashLoopBackOff"] = PodCause.NotStarting,
    };

    /// <summary>Whether nothing can change it any more. Otherwise the Pod may still get well.</summary>
    public bool IsFinal => Cause is PodCause.Failed or PodCause.OutOfMemory or PodCause.Stopped or PodCause.Impossible;

    /// <summary>The trouble that a Pod is in; null while it runs, waits its turn or has ended well.</summary>
    public static PodDiagnosis? Of(V1Pod pod) =>
        Of(pod, pod.Status?.InitContainerStatuses, isInit: true)
        ?? Of(pod, pod.Status?.ContainerStatuses, isInit: false)
        ?? (pod.Status?.Phase == "Failed" ? new PodDiagnosis(PodCause.Stopped, Stopped(pod)) : null)
        ?? Stuck(pod)
        ?? Unscheduled(pod);

    /// <summary>The trouble that a Pod's node is in; null when the node is Ready.</summary>
    public static PodDiagnosis? Of(V1Node node, V1Pod pod)
    {
        var ready = node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        if (ready is null or { Status: "True" })
        {
            return null;
        }

        var since = ready.LastTransitionTime is { } time
            ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))
            : (DateTimeOffset?)null;
        var when = since is { } at ? string.Create(CultureInfo.InvariantCulture, $" since {at:u}") : "";
        return new PodDiagnosis(
            PodCause.NodeNotReady,
            $"node {node.Metadata.Name} of Pod {pod.Metadata.Name} is NotReady{when}{Clause(ready.Message)}",
            since
        );
    }

    private static PodDiagnosis? Of(V1Pod pod, IEnumerable<V1ContainerStatus>? containers, bool isInit) =>
        (containers ?? []).Select(container => Of(pod, container, isInit)).FirstOrDefault(found => found is not null);

    /// <summary>
    /// After an init container that lost a program for want of memory the kubelet starts nothing more, and calls the
    /// Pod neither failed nor finished, even if the container itself ended well. A main container that ended well has
    /// done its work.
    /// </summary>
    private static PodDiagnosis? Of(V1Pod pod, V1ContainerStatus container, bool isInit)
    {
        if (container.State?.Terminated is not { } end)
        {
            return null;
        }

        var lackedMemory = end.Reason == OomKilled;
        return end.ExitCode != 0 || (lackedMemory && isInit)
            ? new PodDiagnosis(lackedMemory ? PodCause.OutOfMemory : PodCause.Failed, Ended(pod, container, end))
            : null;
    }

    private static PodDiagnosis? Stuck(V1Pod pod)
    {
        foreach (var container in (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []))
        {
            if (
                container.State?.Waiting is { Reason: { } reason } waiting
                && StuckReasons.TryGetValue(reason, out var cause)
            )
            {
                return new PodDiagnosis(
                    cause,
                    $"container {container.Name} of Pod {pod.Metadata.Name} cannot start: "
                        + $"{reason}{Clause(waiting.Message)} (image {container.Image})"
                );
            }
        }

        return null;
    }

    private static string Ended(V1Pod pod, V1ContainerStatus container, V1ContainerStateTerminated end)
    {
        var code = string.Create(CultureInfo.InvariantCulture, $"exit code {end.ExitCode}");
        var how = end.Reason switch
        {
            OomKilled =>
                $"was OOMKilled: it needed more memory than its limit{MemoryLimit(pod, container.Name)} ({code})",
            null or "" or "Error" => $"ended with {code}{Signal(end)}",
            _ => $"ended: {end.Reason} ({code})",
        };
        var evicted = pod.Status.Reason is { Length: > 0 } reason
            ? $"; the Pod was stopped: {reason}{Clause(pod.Status.Message)}"
            : "";
        return $"container {container.Name} of Pod {pod.Metadata.Name} {how}{evicted}{Clause(end.Message)}";
    }

    private static string Stopped(V1Pod pod)
    {
        var reason = pod.Status.Reason is { Length: > 0 } given ? given : "without a reason";
        return $"Pod {pod.Metadata.Name} was stopped by Kubernetes: {reason}{Clause(pod.Status.Message)}";
    }

    private static PodDiagnosis? Unscheduled(V1Pod pod) =>
        pod.Status?.Conditions?.FirstOrDefault(one => one is { Type: "PodScheduled", Status: "False" }) is { } condition
            ? new PodDiagnosis(
                PodCause.Unscheduled,
                $"Pod {pod.Metadata.Name} is not scheduled: {condition.Reason}{Clause(condition.Message)}"
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
