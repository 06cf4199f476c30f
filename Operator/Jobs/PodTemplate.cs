using System.Globalization;
using Granary.Api.Common;
using Granary.Api.Names;
using k8s.Models;

namespace Granary.Operator.Jobs;

/// <summary>Applies <c>runtimeSettings</c>. Source: stash-behaviour §2.6, "runtimeSettings merge rules".</summary>
internal static class PodTemplate
{
    private const int Root = 0;

    /// <summary>
    /// Lays the pod's settings over a pod: lists of pull secrets merge, everything else that is given replaces.
    /// </summary>
    /// <remarks>
    /// The security context merges by field: documents that only set <c>fsGroup</c> must not lose the user that
    /// containers run as.
    /// </remarks>
    public static V1PodSpec Apply(V1PodSpec spec, PodRuntimeSettings? settings, OperatorOptions options)
    {
        spec.ImagePullSecrets = PullSecrets(options, settings);
        spec.SecurityContext = SecurityContext(settings?.SecurityContext);
        if (settings is null)
        {
            return spec;
        }

        spec.ServiceAccountName = settings.ServiceAccountName is { Length: > 0 } account
            ? account
            : spec.ServiceAccountName;
        spec.NodeSelector = settings.NodeSelector ?? spec.NodeSelector;
        spec.AutomountServiceAccountToken = settings.AutomountServiceAccountToken ?? spec.AutomountServiceAccountToken;
        spec.NodeName = settings.NodeName ?? spec.NodeName;
        spec.Affinity = settings.Affinity ?? spec.Affinity;
        spec.SchedulerName = settings.SchedulerName ?? spec.SchedulerName;
        spec.Tolerations = settings.Tolerations ?? spec.Tolerations;
        spec.PriorityClassName = settings.PriorityClassName ?? spec.PriorityClassName;
        spec.Priority = settings.Priority ?? spec.Priority;
        spec.ReadinessGates = settings.ReadinessGates ?? spec.ReadinessGates;
        spec.RuntimeClassName = settings.RuntimeClassName ?? spec.RuntimeClassName;
        spec.EnableServiceLinks = settings.EnableServiceLinks ?? spec.EnableServiceLinks;
        spec.TopologySpreadConstraints = settings.TopologySpreadConstraints ?? spec.TopologySpreadConstraints;
        return spec;
    }

    /// <summary>
    /// Lays settings over a container: <c>env</c> merges by name, <c>envFrom</c> is appended, the rest replaces.
    /// </summary>
    public static V1Container Apply(V1Container container, ContainerRuntimeSettings? settings)
    {
        if (settings is null)
        {
            return container;
        }

        container.Resources = settings.Resources ?? container.Resources;
        container.LivenessProbe = settings.LivenessProbe ?? container.LivenessProbe;
        container.ReadinessProbe = settings.ReadinessProbe ?? container.ReadinessProbe;
        container.Lifecycle = settings.Lifecycle ?? container.Lifecycle;
        container.SecurityContext = Merged(container.SecurityContext, settings.SecurityContext);
        container.EnvFrom = [.. container.EnvFrom ?? [], .. settings.EnvFrom ?? []];
        foreach (var variable in (settings.Env ?? []).Concat(Niceness(settings)))
        {
            SetVariable(container, variable);
        }

        return container;
    }

    /// <summary>
    /// The trigger's container takes resources, environment and security context, and nothing else (§2.4).
    /// </summary>
    public static V1Container ApplyToTrigger(V1Container container, ContainerRuntimeSettings? settings) =>
        settings is null
            ? container
            : Apply(
                container,
                new ContainerRuntimeSettings
                {
                    Resources = settings.Resources,
                    Env = settings.Env,
                    EnvFrom = settings.EnvFrom,
                    SecurityContext = settings.SecurityContext,
                }
            );

    /// <summary>Kubernetes refuses probes and lifecycle handlers on a container that others wait for.</summary>
    public static void MakeInit(V1Container container)
    {
        container.LivenessProbe = null;
        container.ReadinessProbe = null;
        container.StartupProbe = null;
        container.Lifecycle = null;
    }

    public static void SetVariable(V1Container container, V1EnvVar variable)
    {
        container.Env = [.. (container.Env ?? []).Where(known => known.Name != variable.Name), variable];
    }

    /// <summary>What containers get that say nothing about it themselves.</summary>
    public static V1SecurityContext Unprivileged() =>
        new()
        {
            AllowPrivilegeEscalation = false,
            Capabilities = new V1Capabilities { Drop = ["ALL"] },
        };

    public static Dictionary<string, string> Labels(IDictionary<string, string> labels, PodRuntimeSettings? settings)
    {
        var merged = new Dictionary<string, string>(settings?.PodLabels ?? [], StringComparer.Ordinal);
        foreach (var (key, value) in labels)
        {
            merged[key] = value;
        }

        return merged;
    }

    private static List<V1LocalObjectReference>? PullSecrets(OperatorOptions options, PodRuntimeSettings? settings)
    {
        var names = options
            .ImagePullSecrets.Concat((settings?.ImagePullSecrets ?? []).Select(secret => secret.Name))
            .Distinct()
            .ToList();
        return names.Count == 0 ? null : names.ConvertAll(name => new V1LocalObjectReference { Name = name });
    }

    private static V1PodSecurityContext SecurityContext(V1PodSecurityContext? given)
    {
        var context = given ?? new V1PodSecurityContext();
        return new V1PodSecurityContext
        {
            AppArmorProfile = context.AppArmorProfile,
            FsGroup = context.FsGroup ?? PodNames.UserId,
            FsGroupChangePolicy = context.FsGroupChangePolicy,
            RunAsGroup = context.RunAsGroup ?? PodNames.UserId,
            RunAsNonRoot = context.RunAsNonRoot ?? (context.RunAsUser == Root ? null : true),
            RunAsUser = context.RunAsUser ?? PodNames.UserId,
            SeLinuxOptions = context.SeLinuxOptions,
            SeLinuxChangePolicy = context.SeLinuxChangePolicy,
            SeccompProfile = context.SeccompProfile ?? new V1SeccompProfile { Type = "RuntimeDefault" },
            SupplementalGroups = context.SupplementalGroups,
            SupplementalGroupsPolicy = context.SupplementalGroupsPolicy,
            Sysctls = context.Sysctls,
            WindowsOptions = context.WindowsOptions,
        };
    }

    /// <summary>
    /// Merges by field, so that a context that says one thing does not lose the defaults for all others. What excludes
    /// a default drops it: a privileged container may always escalate, and root is not "not root".
    /// </summary>
    private static V1SecurityContext? Merged(V1SecurityContext? defaults, V1SecurityContext? given)
    {
        if (given is null || defaults is null)
        {
            return given ?? defaults;
        }

        var escalates = given.Privileged == true || given.Capabilities?.Add?.Any(IsAdmin) == true;
        return new V1SecurityContext
        {
            AllowPrivilegeEscalation = given.AllowPrivilegeEscalation
                ?? (escalates ? null : defaults.AllowPrivilegeEscalation),
            AppArmorProfile = given.AppArmorProfile ?? defaults.AppArmorProfile,
            Capabilities = new V1Capabilities
            {
                Add = given.Capabilities?.Add ?? defaults.Capabilities?.Add,
                Drop = given.Capabilities?.Drop ?? defaults.Capabilities?.Drop,
            },
            Privileged = given.Privileged ?? defaults.Privileged,
            ProcMount = given.ProcMount ?? defaults.ProcMount,
            ReadOnlyRootFilesystem = given.ReadOnlyRootFilesystem ?? defaults.ReadOnlyRootFilesystem,
            RunAsGroup = given.RunAsGroup ?? defaults.RunAsGroup,
            RunAsNonRoot = given.RunAsNonRoot ?? (given.RunAsUser == Root ? false : defaults.RunAsNonRoot),
            RunAsUser = given.RunAsUser ?? defaults.RunAsUser,
            SeLinuxOptions = given.SeLinuxOptions ?? defaults.SeLinuxOptions,
            SeccompProfile = given.SeccompProfile ?? defaults.SeccompProfile,
            WindowsOptions = given.WindowsOptions ?? defaults.WindowsOptions,
        };
    }

    private static bool IsAdmin(string capability) => capability is "SYS_ADMIN" or "CAP_SYS_ADMIN";

    private static IEnumerable<V1EnvVar> Niceness(ContainerRuntimeSettings settings)
    {
        foreach (
            var (name, value) in new[]
            {
                ("NICE_ADJUSTMENT", settings.Nice?.Adjustment),
                ("IONICE_CLASS", settings.Ionice?.Class),
                ("IONICE_CLASS_DATA", settings.Ionice?.ClassData),
            }
        )
        {
            if (value is { } number)
            {
                yield return new V1EnvVar { Name = name, Value = number.ToString(CultureInfo.InvariantCulture) };
            }
        }
    }
}
