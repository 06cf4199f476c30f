using System.Text.Json.Nodes;
using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Cluster;

/// <summary>
/// Binds waiting Pods to a ready node that their selector and tolerations allow; knows nothing of resources.
/// </summary>
internal sealed class Scheduler : IController
{
    private readonly ControllerContext _context;
    private readonly WorkQueue<(string Namespace, string Name)> _queue;
    private readonly EventRecorder _events;
    private int _turn;

    public Scheduler(ControllerContext context)
    {
        _context = context;
        _queue = context.Queue("default-scheduler");
        _events = context.Events("default-scheduler");
        context.Pods.OnChange(
            (_, pod) =>
            {
                if (pod is not null && IsWaiting(pod))
                {
                    _queue.Add(pod.Key());
                }
            }
        );
        context.Nodes.OnChange(
            (_, _) =>
            {
                foreach (var pod in context.Pods.Items.Where(IsWaiting))
                {
                    _queue.Add(pod.Key());
                }
            }
        );
    }

    public Task RunAsync(CancellationToken ct) => _queue.RunAsync(ScheduleAsync, 1, ct);

    private static bool IsWaiting(V1Pod pod) =>
        string.IsNullOrEmpty(pod.Spec.NodeName)
        && pod.IsActive()
        && (pod.Spec.SchedulerName ?? "default-scheduler") == "default-scheduler"
        && pod.Spec.SchedulingGates is not { Count: > 0 };

    private async Task ScheduleAsync((string Namespace, string Name) key, CancellationToken ct)
    {
        if (_context.Pods.Find(key.Namespace, key.Name) is not { } pod || !IsWaiting(pod))
        {
            return;
        }

        var nodes = _context.Nodes.Items.OrderBy(node => node.Metadata.Name, StringComparer.Ordinal).ToList();
        var fitting = nodes.Where(node => Obstacle(pod, node) is null).ToList();
        if (fitting.Count == 0)
        {
            await SayUnschedulableAsync(pod, nodes, ct);
            return;
        }

        var chosen = fitting[_turn++ % fitting.Count].Metadata.Name;
        var binding = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Binding",
            ["metadata"] = new JsonObject
            {
                ["name"] = key.Name,
                ["namespace"] = key.Namespace,
                ["uid"] = pod.Metadata.Uid,
            },
            ["target"] = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Node",
                ["name"] = chosen,
            },
        };
        try
        {
            await _context.Client.PostAsync(
                ResourceType.Pods.Path(key.Namespace, key.Name, "binding"),
                binding.ToJsonString(),
                ct
            );
            _events.Record(
                pod,
                ResourceType.Pods,
                "Normal",
                "Scheduled",
                $"Successfully assigned {key.Namespace}/{key.Name} to {chosen}"
            );
        }
        catch (ApiRequestException e) when (e.IsNotFound || e.IsConflict)
        {
            // The Pod is gone or was bound by another scheduler; its next event tells.
        }
    }

    private static string? Obstacle(V1Pod pod, V1Node node)
    {
        if (node.Spec?.Unschedulable == true)
        {
            return "node(s) were unschedulable";
        }

        if (node.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) != true)
        {
            return "node(s) were not ready";
        }

        if (
            (pod.Spec.NodeSelector ?? new Dictionary<string, string>()).Any(wanted =>
                node.Metadata.Labels?.TryGetValue(wanted.Key, out var value) != true || value != wanted.Value
            )
        )
        {
            return "node(s) didn't match Pod's node affinity/selector";
        }

        var taint = node.Spec?.Taints?.FirstOrDefault(taint =>
            taint.Effect is "NoSchedule" or "NoExecute" && pod.Spec.Tolerations?.Any(t => Tolerates(t, taint)) != true
        );
        return taint is null ? null : $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}";
    }

    private static bool Tolerates(V1Toleration toleration, V1Taint taint) =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (
            string.IsNullOrEmpty(toleration.Key) ? toleration.OperatorProperty == "Exists" : toleration.Key == taint.Key
        )
        && (toleration.OperatorProperty == "Exists" || (toleration.Value ?? "") == (taint.Value ?? ""));

    private async Task SayUnschedulableAsync(V1Pod pod, List<V1Node> nodes, CancellationToken ct)
    {
        var reasons = nodes
            .GroupBy(node => Obstacle(pod, node)!, StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {group.Key}");
        var message =
            nodes.Count == 0
                ? "no nodes available to schedule pods"
                : $"0/{nodes.Count} nodes are available: {string.Join(", ", reasons)}.";
        if (pod.Status?.Conditions?.Any(c => c.Type == "PodScheduled" && c.Message == message) == true)
        {
            return;
        }

        var condition = new V1PodCondition
        {
            Type = "PodScheduled",
            Status = "False",
            Reason = "Unschedulable",
            Message = message,
            LastTransitionTime = _context.Time.NowSeconds(),
        };
        var others = (pod.Status?.Conditions ?? []).Where(c => c.Type != "PodScheduled");
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
            ["status"] = new JsonObject
            {
                ["conditions"] = JsonNode.Parse(KubernetesJson.Serialize(others.Append(condition).ToArray())),
            },
        };
        try
        {
            await _context.Client.MergePatchAsync(
                ResourceType.Pods.Path(pod.Metadata.NamespaceProperty, pod.Metadata.Name, "status"),
                patch,
                ct
            );
            _events.Record(pod, ResourceType.Pods, "Warning", "FailedScheduling", message);
        }
        catch (ApiRequestException e) when (e.IsNotFound)
        {
            // Gone.
        }
    }
}
