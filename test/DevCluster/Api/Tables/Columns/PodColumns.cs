using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of pods.</summary>
internal static class PodColumns
{
    public static readonly IReadOnlyList<TableColumn> All =
    [
        CommonColumns.Name,
        CommonColumns.Text(
            "Ready",
            Ready,
            description: "The aggregate readiness state of this pod for accepting traffic."
        ),
        CommonColumns.Text("Status", Status, description: "The aggregate status of the containers in this pod."),
        new(
            "Restarts",
            "string",
            "The number of times the containers in this pod have been restarted and when the last container in this "
                + "pod "
                + "has restarted.",
            0,
            Restarts
        ),
        CommonColumns.Age,
        CommonColumns.Text("IP", o => Or(o.TextAt("status", "podIP")), 1),
        CommonColumns.Text("Node", o => Or(o.TextAt("spec", "nodeName")), 1),
        CommonColumns.Text("Nominated Node", o => Or(o.TextAt("status", "nominatedNodeName")), 1),
        CommonColumns.Text("Readiness Gates", _ => "<none>", 1),
    ];

    private static string Or(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;

    private static string Ready(JsonObject pod)
    {
        var ready = pod.ArrayAt("status", "containerStatuses").Objects().Count(c => c.FlagAt("ready"));
        return $"{ready}/{pod.ArrayAt("spec", "containers")?.Count ?? 0}";
    }

    private static JsonNode? Restarts(JsonObject pod, CellContext context)
    {
        var statuses = pod.ArrayAt("status", "containerStatuses").Objects().ToArray();
        var count = statuses.Sum(c => c.IntegerAt("restartCount") ?? 0);
        var last = statuses
            .Select(c => c.TextAt("lastState", "terminated", "finishedAt"))
            .Where(t => !string.IsNullOrEmpty(t))
            .Max(StringComparer.Ordinal);
        return count > 0 && last is not null
            ? $"{count} ({HumanDuration.Since(last, context.Now)} ago)"
            : count.ToString();
    }

    private static string Status(JsonObject pod)
    {
        var reason = pod.TextAt("status", "reason") is { Length: > 0 } given
            ? given
            : pod.TextAt("status", "phase") ?? "";
        var initializing = Initializing(pod);
        if (initializing is not null)
        {
            reason = initializing;
        }
        else
        {
            reason = FromContainers(pod, reason);
        }

        if (pod.TextAt("metadata", "deletionTimestamp") is null)
        {
            return reason;
        }

        return pod.TextAt("status", "reason") == "NodeLost" ? "Unknown"
            : pod.TextAt("status", "phase") is "Succeeded" or "Failed" ? reason
            : "Terminating";
    }

    private static string? Initializing(JsonObject pod)
    {
        var all = pod.ArrayAt("spec", "initContainers")?.Count ?? 0;
        var index = 0;
        foreach (var status in pod.ArrayAt("status", "initContainerStatuses").Objects())
        {
            if (status.ObjectAt("state", "terminated") is { } ended)
            {
                if (ended.IntegerAt("exitCode") is 0)
                {
                    index++;
                    continue;
                }

                return "Init:" + EndReason(ended);
            }

            return
                status.TextAt("state", "waiting", "reason") is { Length: > 0 } waiting && waiting != "PodInitializing"
                ? "Init:" + waiting
                : $"Init:{index}/{all}";
        }

        return null;
    }

    private static string FromContainers(JsonObject pod, string reason)
    {
        var running = false;
        foreach (var status in pod.ArrayAt("status", "containerStatuses").Objects().Reverse())
        {
            if (status.TextAt("state", "waiting", "reason") is { Length: > 0 } waiting)
            {
                reason = waiting;
            }
            else if (status.ObjectAt("state", "terminated") is { } ended)
            {
                reason = EndReason(ended);
            }
            else if (status.FlagAt("ready") && status.ObjectAt("state", "running") is not null)
            {
                running = true;
            }
        }

        return reason == "Completed" && running ? "Running" : reason;
    }

    private static string EndReason(JsonObject ended) =>
        ended.TextAt("reason") is { Length: > 0 } reason ? reason
        : ended.IntegerAt("signal") is > 0 and var signal ? $"Signal:{signal}"
        : $"ExitCode:{ended.IntegerAt("exitCode")}";
}
