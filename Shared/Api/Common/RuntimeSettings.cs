using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace Granary.Api.Common;

/// <summary>What a user wants to say about the pods and containers that run for an invoker.</summary>
public sealed class RuntimeSettings
{
    /// <summary>Settings of the pods.</summary>
    public PodRuntimeSettings? Pod { get; set; }

    /// <summary>Settings of every container in them.</summary>
    public ContainerRuntimeSettings? Container { get; set; }
}

/// <summary>Settings of a pod; each replaces what the pod would have had.</summary>
public sealed class PodRuntimeSettings
{
    /// <summary>Labels to add to the pod.</summary>
    public Dictionary<string, string>? PodLabels { get; set; }

    /// <summary>Annotations to add to the pod.</summary>
    public Dictionary<string, string>? PodAnnotations { get; set; }

    /// <summary>Labels that a node must have to run the pod.</summary>
    public Dictionary<string, string>? NodeSelector { get; set; }

    /// <summary>ServiceAccount to run as; none is created when this is set.</summary>
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string? ServiceAccountName { get; set; }

    /// <summary>Annotations of a ServiceAccount that is created, for cloud workload identity.</summary>
    public Dictionary<string, string>? ServiceAccountAnnotations { get; set; }

    /// <summary>Whether the ServiceAccount's token is mounted.</summary>
    public bool? AutomountServiceAccountToken { get; set; }

    /// <summary>Node to run on.</summary>
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string? NodeName { get; set; }

    /// <summary>Security attributes of the pod.</summary>
    public V1PodSecurityContext? SecurityContext { get; set; }

    /// <summary>Secrets for pulling images.</summary>
    public List<V1LocalObjectReference>? ImagePullSecrets { get; set; }

    /// <summary>Scheduling constraints.</summary>
    public V1Affinity? Affinity { get; set; }

    /// <summary>Scheduler that places the pod.</summary>
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string? SchedulerName { get; set; }

    /// <summary>Taints that the pod tolerates.</summary>
    public List<V1Toleration>? Tolerations { get; set; }

    /// <summary>Name of the pod's PriorityClass.</summary>
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string? PriorityClassName { get; set; }

    /// <summary>The pod's priority as a number.</summary>
    public int? Priority { get; set; }

    /// <summary>Conditions that decide whether the pod is ready.</summary>
    public List<V1PodReadinessGate>? ReadinessGates { get; set; }

    /// <summary>Name of the RuntimeClass that runs the pod.</summary>
    [Pattern(DnsName.SubdomainPattern), Length(maxLength: DnsName.MaxSubdomain)]
    public string? RuntimeClassName { get; set; }

    /// <summary>Whether Services are told to the pod through its environment.</summary>
    public bool? EnableServiceLinks { get; set; }

    /// <summary>How pods are spread over the cluster.</summary>
    public List<V1TopologySpreadConstraint>? TopologySpreadConstraints { get; set; }
}

/// <summary>
/// Settings of a container. <c>env</c> is merged by name and <c>envFrom</c> appended; the rest replaces.
/// </summary>
public sealed class ContainerRuntimeSettings
{
    /// <summary>Compute resources.</summary>
    public V1ResourceRequirements? Resources { get; set; }

    /// <summary>When the container is restarted.</summary>
    public V1Probe? LivenessProbe { get; set; }

    /// <summary>When the container is ready.</summary>
    public V1Probe? ReadinessProbe { get; set; }

    /// <summary>Actions on start and stop.</summary>
    public V1Lifecycle? Lifecycle { get; set; }

    /// <summary>Security attributes of the container.</summary>
    public V1SecurityContext? SecurityContext { get; set; }

    /// <summary>CPU scheduling priority.</summary>
    public NiceSettings? Nice { get; set; }

    /// <summary>I/O scheduling class.</summary>
    public IoNiceSettings? Ionice { get; set; }

    /// <summary>Environment variables.</summary>
    public List<V1EnvVar>? Env { get; set; }

    /// <summary>Sources of environment variables.</summary>
    public List<V1EnvFromSource>? EnvFrom { get; set; }
}

/// <summary>CPU scheduling priority as <c>nice</c> takes it.</summary>
public sealed class NiceSettings
{
    /// <summary>From -20 (most favourable) to 19.</summary>
    public int? Adjustment { get; set; }
}

/// <summary>I/O scheduling class as <c>ionice</c> takes it.</summary>
public sealed class IoNiceSettings
{
    /// <summary>0 none, 1 real-time, 2 best-effort, 3 idle.</summary>
    public int? Class { get; set; }

    /// <summary>Priority within the class, from 0 (highest) to 7.</summary>
    public int? ClassData { get; set; }
}
