using k8s.Models;

namespace Granary.DevCluster.Controllers;

/// <summary>What controllers ask about Pods.</summary>
internal static class PodFacts
{
    public static bool IsTerminal(this V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    public static bool IsDeleted(this V1Pod pod) => pod.Metadata.DeletionTimestamp is not null;

    public static bool IsActive(this V1Pod pod) => !pod.IsTerminal() && !pod.IsDeleted();

    public static bool IsReady(this V1Pod pod) =>
        pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <summary>When the last container ended, or the moment the Pod stopped being ready, or its creation.</summary>
    public static DateTime FinishedAt(this V1Pod pod)
    {
        var ends = (pod.Status?.ContainerStatuses ?? [])
            .Select(status => status.State?.Terminated?.FinishedAt)
            .OfType<DateTime>()
            .ToList();
        return ends.Count > 0
            ? ends.Max()
            : pod.Metadata.DeletionTimestamp
                ?? pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.LastTransitionTime
                ?? pod.Metadata.CreationTimestamp
                ?? DateTime.UnixEpoch;
    }

    public static bool Matches(this V1LabelSelector? selector, IDictionary<string, string>? labels)
    {
        labels ??= new Dictionary<string, string>();
        return selector is not null
            && (selector.MatchLabels ?? new Dictionary<string, string>()).All(wanted =>
                labels.TryGetValue(wanted.Key, out var v) && v == wanted.Value
            )
            && (selector.MatchExpressions ?? []).All(wanted =>
                wanted.OperatorProperty switch
                {
                    "In" => labels.TryGetValue(wanted.Key, out var v) && wanted.Values.Contains(v),
                    "NotIn" => !labels.TryGetValue(wanted.Key, out var v) || !wanted.Values.Contains(v),
                    "Exists" => labels.ContainsKey(wanted.Key),
                    _ => !labels.ContainsKey(wanted.Key),
                }
            );
    }
}
