using Granary.DevCluster.Machinery;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Controllers.Workloads;

/// <summary>Writes a Deployment's counts and its conditions Available and Progressing.</summary>
internal sealed class DeploymentAccount(
    ControllerContext context,
    V1Deployment deployment,
    V1ReplicaSet? current,
    List<V1ReplicaSet> sets
)
{
    public async Task StoreAsync(CancellationToken ct)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        var replicas = sets.Sum(set => set.Status?.Replicas ?? 0);
        var ready = sets.Sum(set => set.Status?.ReadyReplicas ?? 0);
        var available = sets.Sum(set => set.Status?.AvailableReplicas ?? 0);
        var updated = current?.Status?.Replicas ?? 0;
        var isAvailable = available >= wanted;
        var isDone =
            current is not null
            && updated == wanted
            && replicas == wanted
            && available >= wanted
            && current.Status?.ObservedGeneration == current.Metadata.Generation;
        var set = $"ReplicaSet \"{current?.Metadata.Name}\"";
        var status = new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = NullIfZero(replicas),
            UpdatedReplicas = NullIfZero(updated),
            ReadyReplicas = NullIfZero(ready),
            AvailableReplicas = NullIfZero(available),
            UnavailableReplicas = NullIfZero(Math.Max(0, Math.Max(replicas, wanted) - available)),
            TerminatingReplicas = sets.Sum(s => s.Status?.TerminatingReplicas ?? 0),
            Conditions =
            [
                isAvailable
                    ? Condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
                    : Condition(
                        "Available",
                        "False",
                        "MinimumReplicasUnavailable",
                        "Deployment does not have minimum availability."
                    ),
                isDone
                    ? Condition("Progressing", "True", "NewReplicaSetAvailable", $"{set} has successfully progressed.")
                    : Condition("Progressing", "True", "ReplicaSetUpdated", $"{set} is progressing."),
            ],
        };
        if (KubernetesJson.Serialize(status) == KubernetesJson.Serialize(deployment.Status ?? new V1DeploymentStatus()))
        {
            return;
        }

        var copy = deployment.Copy();
        copy.Status = status;
        context.Deployments.Absorb(await context.Client.ReplaceAsync(ResourceType.Deployments, copy, "status", ct));
    }

    private static int? NullIfZero(int n) => n == 0 ? null : n;

    private V1DeploymentCondition Condition(string type, string status, string reason, string message)
    {
        var now = context.Time.NowSeconds();
        var known = deployment.Status?.Conditions?.FirstOrDefault(c => c.Type == type);
        var same = known is not null && known.Status == status && known.Reason == reason && known.Message == message;
        return new V1DeploymentCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastUpdateTime = same ? known!.LastUpdateTime : now,
            LastTransitionTime = known?.Status == status ? known.LastTransitionTime : now,
        };
    }
}
