using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Strategies;
using Granary.DevCluster.Api.Strategies.Workloads;
using k8s.Models;

namespace Granary.DevCluster.Api.Resources;

/// <summary>The core group.</summary>
internal static partial class BuiltInResources
{
    private static readonly string[] PodFields =
    [
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ];

    private static IEnumerable<ResourceDefinition> Core()
    {
        yield return Make<V1Binding>("bindings", "Binding", new(), verbs: CreateOnly);
        yield return Make<V1ConfigMap>("configmaps", "ConfigMap", new ConfigMapStrategy(), ["cm"]);
        yield return Make<V1Endpoints>("endpoints", "Endpoints", new(), ["ep"]) with
        {
            Singular = "endpoints",
        };
        yield return Make<Corev1Event>("events", "Event", new EventStrategy(), ["ev"]) with
        {
            SelectableFields = EventFields,
        };
        yield return Make<V1Namespace>(
            "namespaces",
            "Namespace",
            new NamespaceStrategy
            {
                HasStatus = true,
                InitialStatus = () => new JsonObject { ["phase"] = "Active" },
                NameRule = NameRules.Label,
            },
            ["ns"]
        ) with
        {
            Namespaced = false,
            Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
            SelectableFields = ["status.phase"],
            Subresources = [new("finalize", ["update"]), Status],
        };
        yield return Make<V1Node>("nodes", "Node", new NodeStrategy { HasStatus = true }, ["no"]) with
        {
            Namespaced = false,
            SelectableFields = ["spec.unschedulable"],
            Subresources = [Status],
        };
        yield return Make<V1PersistentVolumeClaim>(
            "persistentvolumeclaims",
            "PersistentVolumeClaim",
            new PersistentVolumeClaimStrategy
            {
                HasStatus = true,
                ReturnsDeletedObject = true,
                InitialStatus = () => new JsonObject { ["phase"] = "Pending" },
            },
            ["pvc"]
        ) with
        {
            Subresources = [Status],
        };
        yield return Make<V1PersistentVolume>(
            "persistentvolumes",
            "PersistentVolume",
            new PersistentVolumeStrategy
            {
                HasStatus = true,
                ReturnsDeletedObject = true,
                InitialStatus = () => new JsonObject { ["phase"] = "Pending" },
            },
            ["pv"]
        ) with
        {
            Namespaced = false,
            Subresources = [Status],
        };
        yield return Make<V1Pod>(
            "pods",
            "Pod",
            new PodStrategy
            {
                HasStatus = true,
                TracksGeneration = true,
                ReturnsDeletedObject = true,
            },
            ["po"],
            ["all"]
        ) with
        {
            SelectableFields = PodFields,
            Subresources =
            [
                new("binding", CreateOnly, "Binding"),
                new("eviction", CreateOnly, "Eviction", "policy", "v1"),
                new("log", ["get"]),
                Status,
            ],
        };
        yield return Make<V1Secret>("secrets", "Secret", new SecretStrategy()) with
        {
            SelectableFields = ["type"],
        };
        yield return Make<V1ServiceAccount>(
            "serviceaccounts",
            "ServiceAccount",
            new() { ReturnsDeletedObject = true },
            ["sa"]
        ) with
        {
            Subresources = [new("token", CreateOnly, "TokenRequest", "authentication.k8s.io", "v1")],
        };
        yield return Make<V1Service>(
            "services",
            "Service",
            new ServiceStrategy(new ServiceAddresses())
            {
                HasStatus = true,
                ReturnsDeletedObject = true,
                NameRule = NameRules.Service,
                InitialStatus = () => new JsonObject { ["loadBalancer"] = new JsonObject() },
            },
            ["svc"],
            ["all"]
        ) with
        {
            SelectableFields = ["spec.clusterIP", "spec.type"],
            Subresources = [Status],
        };
    }
}
