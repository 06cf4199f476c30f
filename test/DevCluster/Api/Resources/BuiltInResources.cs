using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Schemas;
using Granary.DevCluster.Api.Strategies;
using Granary.DevCluster.Api.Strategies.Workloads;
using k8s.Models;

namespace Granary.DevCluster.Api.Resources;

/// <summary>The built-in resources that are served, in the order in which discovery lists them.</summary>
internal static partial class BuiltInResources
{
    private static readonly string[] StatusVerbs = ["get", "patch", "update"];
    private static readonly string[] CreateOnly = ["create"];
    private static readonly SubresourceDefinition Status = new("status", StatusVerbs);
    private static readonly SubresourceDefinition Scale = new("scale", StatusVerbs, "Scale", "autoscaling", "v1");

    private static readonly string[] EventFields =
    [
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ];

    public static List<ResourceDefinition> All() =>
        [
            .. Core(),
            .. Apps(),
            .. Events(),
            .. Reviews(),
            .. Batch(),
            .. Networking(),
            .. Policy(),
            .. Rbac(),
            .. Storage(),
            .. Extension(),
            .. Rest(),
        ];

    private static IEnumerable<ResourceDefinition> Apps()
    {
        yield return Make<V1ControllerRevision>("controllerrevisions", "ControllerRevision", new());
        yield return Workload<V1DaemonSet>("daemonsets", "DaemonSet", "ds") with
        {
            Subresources = [Status],
        };
        yield return Workload<V1Deployment>("deployments", "Deployment", "deploy");
        yield return Workload<V1ReplicaSet>("replicasets", "ReplicaSet", "rs") with
        {
            SelectableFields = ["status.replicas"],
        };
        yield return Workload<V1StatefulSet>("statefulsets", "StatefulSet", "sts");
    }

    private static IEnumerable<ResourceDefinition> Events()
    {
        yield return Make<Eventsv1Event>("events", "Event", new EventStrategy(), ["ev"]) with
        {
            SelectableFields = EventFields,
            StorageKeyOverride = "events",
            Conversion = new EventConversion(),
        };
    }

    private static IEnumerable<ResourceDefinition> Reviews()
    {
        yield return Review<V1SelfSubjectReview>("selfsubjectreviews", "SelfSubjectReview");
        yield return Review<V1TokenReview>("tokenreviews", "TokenReview");
        yield return Review<V1LocalSubjectAccessReview>("localsubjectaccessreviews", "LocalSubjectAccessReview") with
        {
            Namespaced = true,
        };
        yield return Review<V1SelfSubjectAccessReview>("selfsubjectaccessreviews", "SelfSubjectAccessReview");
        yield return Review<V1SelfSubjectRulesReview>("selfsubjectrulesreviews", "SelfSubjectRulesReview");
        yield return Review<V1SubjectAccessReview>("subjectaccessreviews", "SubjectAccessReview");
    }

    private static IEnumerable<ResourceDefinition> Batch()
    {
        yield return Make<V1CronJob>(
            "cronjobs",
            "CronJob",
            new CronJobStrategy
            {
                HasStatus = true,
                TracksGeneration = true,
                InitialStatus = () => [],
            },
            ["cj"],
            ["all"]
        ) with
        {
            Subresources = [Status],
        };
        yield return Make<V1Job>(
            "jobs",
            "Job",
            new JobStrategy
            {
                HasStatus = true,
                TracksGeneration = true,
                InitialStatus = () => [],
            },
            [],
            ["all"]
        ) with
        {
            SelectableFields = ["status.successful"],
            Subresources = [Status],
        };
    }

    private static IEnumerable<ResourceDefinition> Networking()
    {
        yield return Make<V1IngressClass>("ingressclasses", "IngressClass", new()) with
        {
            Namespaced = false,
        };
        yield return Make<V1Ingress>(
            "ingresses",
            "Ingress",
            new()
            {
                HasStatus = true,
                TracksGeneration = true,
                InitialStatus = () => new JsonObject { ["loadBalancer"] = new JsonObject() },
            },
            ["ing"]
        ) with
        {
            Subresources = [Status],
        };
        yield return Make<V1NetworkPolicy>(
            "networkpolicies",
            "NetworkPolicy",
            new NetworkPolicyStrategy { TracksGeneration = true },
            ["netpol"]
        );
    }

    private static IEnumerable<ResourceDefinition> Policy()
    {
        yield return Make<V1PodDisruptionBudget>(
            "poddisruptionbudgets",
            "PodDisruptionBudget",
            new()
            {
                HasStatus = true,
                TracksGeneration = true,
                InitialStatus = () =>
                    new JsonObject
                    {
                        ["disruptionsAllowed"] = 0,
                        ["currentHealthy"] = 0,
                        ["desiredHealthy"] = 0,
                        ["expectedPods"] = 0,
                    },
            },
            ["pdb"]
        ) with
        {
            Subresources = [Status],
        };
    }

    private static IEnumerable<ResourceDefinition> Rbac()
    {
        yield return Make<V1ClusterRoleBinding>(
            "clusterrolebindings",
            "ClusterRoleBinding",
            new RoleBindingStrategy()
        ) with
        {
            Namespaced = false,
        };
        yield return Make<V1ClusterRole>("clusterroles", "ClusterRole", new RoleStrategy()) with
        {
            Namespaced = false,
        };
        yield return Make<V1RoleBinding>("rolebindings", "RoleBinding", new RoleBindingStrategy());
        yield return Make<V1Role>("roles", "Role", new RoleStrategy());
    }

    private static IEnumerable<ResourceDefinition> Storage()
    {
        yield return Make<V1StorageClass>(
            "storageclasses",
            "StorageClass",
            new StorageClassStrategy { ReturnsDeletedObject = true },
            ["sc"]
        ) with
        {
            Namespaced = false,
        };
    }

    private static IEnumerable<ResourceDefinition> Extension()
    {
        string[] categories = ["api-extensions"];
        yield return Make<V1MutatingWebhookConfiguration>(
            "mutatingwebhookconfigurations",
            "MutatingWebhookConfiguration",
            new WebhookConfigurationStrategy(mutating: true) { TracksGeneration = true },
            [],
            categories
        ) with
        {
            Namespaced = false,
        };
        yield return Make<V1ValidatingWebhookConfiguration>(
            "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration",
            new WebhookConfigurationStrategy(mutating: false) { TracksGeneration = true },
            [],
            categories
        ) with
        {
            Namespaced = false,
        };
        yield return Make<V1CustomResourceDefinition>(
            "customresourcedefinitions",
            "CustomResourceDefinition",
            new CustomResourceDefinitionStrategy { HasStatus = true, TracksGeneration = true },
            ["crd", "crds"],
            categories
        ) with
        {
            Namespaced = false,
            Subresources = [Status],
        };
    }

    private static IEnumerable<ResourceDefinition> Rest()
    {
        yield return Make<V1PriorityClass>(
            "priorityclasses",
            "PriorityClass",
            new PriorityClassStrategy { TracksGeneration = true },
            ["pc"]
        ) with
        {
            Namespaced = false,
        };
        yield return Make<V1Lease>("leases", "Lease", new());
        yield return Make<V1EndpointSlice>(
            "endpointslices",
            "EndpointSlice",
            new EndpointSliceStrategy { TracksGeneration = true }
        );
    }

    private static ResourceDefinition Workload<T>(string plural, string kind, string shortName) =>
        Make<T>(
            plural,
            kind,
            new WorkloadStrategy(kind)
            {
                HasStatus = true,
                TracksGeneration = true,
                InitialStatus = InitialStatusOf(kind),
            },
            [shortName],
            ["all"]
        ) with
        {
            Subresources = [Scale, Status],
        };

    /// <summary>Counters of the status that are written even when they are zero.</summary>
    private static Func<JsonObject> InitialStatusOf(string kind) =>
        kind switch
        {
            "DaemonSet" => () =>
                new JsonObject
                {
                    ["currentNumberScheduled"] = 0,
                    ["numberMisscheduled"] = 0,
                    ["desiredNumberScheduled"] = 0,
                    ["numberReady"] = 0,
                },
            "ReplicaSet" => () => new JsonObject { ["replicas"] = 0 },
            "StatefulSet" => () => new JsonObject { ["replicas"] = 0, ["availableReplicas"] = 0 },
            _ => () => [],
        };

    private static ResourceDefinition Review<T>(string plural, string kind) =>
        Make<T>(plural, kind, new(), verbs: CreateOnly) with
        {
            Namespaced = false,
        };

    private static ResourceDefinition Make<T>(
        string plural,
        string kind,
        ResourceStrategy strategy,
        string[]? shortNames = null,
        string[]? categories = null,
        string[]? verbs = null
    )
    {
        var entity = (KubernetesEntityAttribute)
            Attribute.GetCustomAttribute(typeof(T), typeof(KubernetesEntityAttribute))!;
        return new ResourceDefinition
        {
            Group = entity.Group ?? string.Empty,
            Version = entity.ApiVersion,
            Plural = plural,
            Singular = kind.ToLowerInvariant(),
            Kind = kind,
            Namespaced = true,
            Verbs = verbs ?? ResourceDefinition.AllVerbs,
            ShortNames = shortNames ?? [],
            Categories = categories ?? [],
            Schema = BuiltInSchemas.Of<T>(),
            Strategy = strategy,
        };
    }
}
