using Granary.DevCluster.Machinery;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Status;

/// <summary>What else decides a Pod's status beside its containers.</summary>
/// <param name="Failure">Reason and message of a Pod that the node ended itself; null otherwise.</param>
/// <param name="IsOver">No container will be started any more: the Pod is being deleted or was ended.</param>
internal sealed record PodFrame(
    string? PodIp,
    string HostIp,
    DateTime StartTime,
    (string Reason, string Message)? Failure,
    bool IsOver
);

/// <summary>A Pod's status as a kubelet would write it.</summary>
internal static class PodStatusBuilder
{
    public static V1PodStatus Build(V1Pod pod, IReadOnlyList<ContainerRecord> records, PodFrame frame, DateTime now)
    {
        var init = records.Where(record => record.IsInit).ToList();
        var main = records.Where(record => !record.IsInit).ToList();
        var phase = Phase(init, main, frame);
        var status = new V1PodStatus
        {
            Phase = phase,
            Reason = frame.Failure?.Reason,
            Message = frame.Failure?.Message,
            StartTime = frame.StartTime.Truncated(),
            HostIP = frame.HostIp,
            HostIPs = [new V1HostIP { Ip = frame.HostIp }],
            PodIP = frame.PodIp,
            PodIPs = frame.PodIp is null ? null : [new V1PodIP { Ip = frame.PodIp }],
            QosClass = pod.Status?.QosClass,
            InitContainerStatuses = init.Count == 0 ? null : [.. init.Select(record => record.ToStatus())],
            ContainerStatuses = [.. main.Select(record => record.ToStatus())],
        };
        status.Conditions = Conditions(pod, init, main, phase, frame, now);
        return status;
    }

    private static string Phase(List<ContainerRecord> init, List<ContainerRecord> main, PodFrame frame)
    {
        if (frame.Failure is not null && frame.IsOver && !main.Concat(init).Any(record => record.IsRunning))
        {
            return "Failed";
        }

        if (init.Any(record => !record.IsSidecar && record.Done && record.ExitCode != 0))
        {
            return "Failed";
        }

        if (main.TrueForAll(record => record.Done))
        {
            return main.TrueForAll(record => record.ExitCode == 0) ? "Succeeded" : "Failed";
        }

        // Being deleted, nothing runs any more: what had not come to run never will.
        if (frame.IsOver && !main.Concat(init).Any(record => record.IsRunning))
        {
            return "Failed";
        }

        return
            IsInitialized(init)
            && main.Exists(record =>
                record.IsRunning || record.State.Terminated is not null || record.LastState is not null
            )
            ? "Running"
            : "Pending";
    }

    private static bool IsInitialized(List<ContainerRecord> init) =>
        init.TrueForAll(record =>
            record.IsSidecar ? record.Started || record.Done : record.State.Terminated?.ExitCode == 0
        );

    private static List<V1PodCondition> Conditions(
        V1Pod pod,
        List<ContainerRecord> init,
        List<ContainerRecord> main,
        string phase,
        PodFrame frame,
        DateTime now
    )
    {
        var notInitialized = init.Where(r => r.IsSidecar ? !r.Started && !r.Done : r.State.Terminated?.ExitCode != 0)
            .Select(r => r.Name)
            .ToList();
        var notReady = main.Concat(init.Where(r => r.IsSidecar)).Where(r => !r.Ready).Select(r => r.Name).ToList();
        var (ready, reason, message) = phase switch
        {
            "Succeeded" => ("False", "PodCompleted", null),
            "Failed" => ("False", "PodFailed", null),
            _ when notReady.Count > 0 => (
                "False",
                "ContainersNotReady",
                $"containers with unready status: [{string.Join(' ', notReady)}]"
            ),
            _ => ("True", (string?)null, (string?)null),
        };
        var gates = (pod.Spec.ReadinessGates ?? [])
            .Where(gate => pod.Status?.Conditions?.Any(c => c.Type == gate.ConditionType && c.Status == "True") != true)
            .ToList();
        var (podReady, podReason, podMessage) =
            ready == "True" && gates.Count > 0
                ? (
                    "False",
                    "ReadinessGatesNotReady",
                    $"the status of pod readiness gate \"{gates[0].ConditionType}\" is not \"True\", but False"
                )
                : (ready, reason, message);
        var initialized = phase == "Succeeded" || notInitialized.Count == 0;
        var completed = phase == "Succeeded" ? "PodCompleted" : null;
        List<V1PodCondition> own =
        [
            New(
                "PodReadyToStartContainers",
                frame.PodIp is not null && phase is "Pending" or "Running" ? "True" : "False",
                null,
                null
            ),
            initialized
                ? New("Initialized", "True", completed, null)
                : New(
                    "Initialized",
                    "False",
                    "ContainersNotInitialized",
                    $"containers with incomplete status: [{string.Join(' ', notInitialized)}]"
                ),
            New("Ready", podReady, podReason, podMessage),
            New("ContainersReady", ready, reason, message),
            New("PodScheduled", "True", null, null),
        ];
        foreach (var condition in own)
        {
            var known = pod.Status?.Conditions?.FirstOrDefault(c => c.Type == condition.Type);
            condition.LastTransitionTime = known?.Status == condition.Status ? known.LastTransitionTime ?? now : now;
        }

        var others = (pod.Status?.Conditions ?? []).Where(c => !own.Exists(o => o.Type == c.Type));
        return [.. own, .. others];
    }

    private static V1PodCondition New(string type, string status, string? reason, string? message) =>
        new()
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
        };
}
