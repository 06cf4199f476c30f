using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables.Columns;

/// <summary>Columns of the built-in resources, as kubectl shows them.</summary>
internal static class BuiltInColumns
{
    private static readonly IReadOnlyList<TableColumn> Plain = [CommonColumns.Name, CommonColumns.Age];

    private static readonly IReadOnlyList<TableColumn> CreatedAt =
    [
        CommonColumns.Name,
        new("Created At", "date", string.Empty, 0, (o, _) => o.TextAt("metadata", "creationTimestamp")),
    ];

    private static readonly Dictionary<string, IReadOnlyList<TableColumn>> Known = new(StringComparer.Ordinal)
    {
        ["pods"] = PodColumns.All,
        ["jobs.batch"] = JobColumns.Jobs,
        ["cronjobs.batch"] = JobColumns.CronJobs,
        ["events"] = EventColumns.All,
        ["events.events.k8s.io"] = EventColumns.All,
        ["nodes"] = NodeColumns.All,
        ["services"] = ServiceColumns.All,
        ["deployments.apps"] = WorkloadColumns.Deployments,
        ["replicasets.apps"] = WorkloadColumns.ReplicaSets,
        ["statefulsets.apps"] = WorkloadColumns.StatefulSets,
        ["daemonsets.apps"] = WorkloadColumns.DaemonSets,
        ["configmaps"] = ConfigColumns.ConfigMaps,
        ["secrets"] = ConfigColumns.Secrets,
        ["serviceaccounts"] = ConfigColumns.ServiceAccounts,
        ["namespaces"] =
        [
            CommonColumns.Name,
            CommonColumns.Text("Status", "The status of the namespace", "status", "phase"),
            CommonColumns.Age,
        ],
        ["persistentvolumeclaims"] = StorageColumns.Claims,
        ["persistentvolumes"] = StorageColumns.Volumes,
        ["storageclasses.storage.k8s.io"] = StorageColumns.Classes,
        ["leases.coordination.k8s.io"] =
        [
            CommonColumns.Name,
            CommonColumns.Text("Holder", string.Empty, "spec", "holderIdentity"),
            CommonColumns.Age,
        ],
        ["roles.rbac.authorization.k8s.io"] = CreatedAt,
        ["clusterroles.rbac.authorization.k8s.io"] = CreatedAt,
        ["customresourcedefinitions.apiextensions.k8s.io"] = CreatedAt,
        ["rolebindings.rbac.authorization.k8s.io"] = AccessColumns.Bindings,
        ["clusterrolebindings.rbac.authorization.k8s.io"] = AccessColumns.Bindings,
        ["validatingwebhookconfigurations.admissionregistration.k8s.io"] = AccessColumns.Webhooks,
        ["mutatingwebhookconfigurations.admissionregistration.k8s.io"] = AccessColumns.Webhooks,
        ["networkpolicies.networking.k8s.io"] =
        [
            CommonColumns.Name,
            CommonColumns.Text("Pod-Selector", o => WorkloadColumns.Selector(o.ObjectAt("spec", "podSelector"))),
            CommonColumns.Age,
        ],
        ["priorityclasses.scheduling.k8s.io"] =
        [
            CommonColumns.Name,
            CommonColumns.Number("Value", o => o.IntegerAt("value") ?? 0),
            new("Global-Default", "boolean", string.Empty, 0, (o, _) => o.FlagAt("globalDefault")),
            CommonColumns.Age,
            CommonColumns.Text("PreemptionPolicy", string.Empty, "preemptionPolicy"),
        ],
        ["poddisruptionbudgets.policy"] =
        [
            CommonColumns.Name,
            CommonColumns.Text("Min Available", o => o["spec"].At("minAvailable")?.ToString() ?? "N/A"),
            CommonColumns.Text("Max Unavailable", o => o["spec"].At("maxUnavailable")?.ToString() ?? "N/A"),
            CommonColumns.Number("Allowed Disruptions", o => o.IntegerAt("status", "disruptionsAllowed") ?? 0),
            CommonColumns.Age,
        ],
        ["endpoints"] =
        [
            CommonColumns.Name,
            CommonColumns.Text("Endpoints", ServiceColumns.Endpoints),
            CommonColumns.Age,
        ],
    };

    public static IReadOnlyList<TableColumn> Of(string group, string plural) =>
        Known.GetValueOrDefault(group.Length == 0 ? plural : $"{plural}.{group}", Plain);
}
