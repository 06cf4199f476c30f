using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.PodSecurity;

/// <summary>
/// The Pod Security Standards of Kubernetes for Linux, in their order and words. AppArmor and SELinux profiles are not
/// looked at: the node agent gives none.
/// </summary>
/// <seealso href="https://kubernetes.io/docs/concepts/security/pod-security-standards/">The standards</seealso>
internal static class PodSecurityStandards
{
    private static readonly IReadOnlyList<Func<PodSubject, string?>> Baseline =
    [
        BaselineChecks.Capabilities,
        BaselineChecks.HostNamespaces,
        BaselineChecks.HostPathVolumes,
        BaselineChecks.HostPorts,
        BaselineChecks.ProbeHosts,
        BaselineChecks.Privileged,
        BaselineChecks.ProcMount,
        BaselineChecks.Seccomp,
        BaselineChecks.Sysctls,
    ];

    /// <summary>Capabilities, volumes and seccomp have stricter rules here, which stand for the baseline's.</summary>
    private static readonly IReadOnlyList<Func<PodSubject, string?>> Restricted =
    [
        BaselineChecks.HostNamespaces,
        BaselineChecks.HostPorts,
        BaselineChecks.ProbeHosts,
        BaselineChecks.Privileged,
        BaselineChecks.ProcMount,
        BaselineChecks.Sysctls,
        RestrictedChecks.PrivilegeEscalation,
        RestrictedChecks.Capabilities,
        RestrictedChecks.Volumes,
        RestrictedChecks.RunAsNonRoot,
        RestrictedChecks.RunAsUser,
        RestrictedChecks.Seccomp,
    ];

    /// <summary>All that a level forbids in a Pod's specification, as one text; null when it allows the Pod.</summary>
    public static string? Violations(JsonObject spec, PodSecurityLevel level)
    {
        var checks = level switch
        {
            PodSecurityLevel.Restricted => Restricted,
            PodSecurityLevel.Baseline => Baseline,
            _ => [],
        };
        var subject = new PodSubject(spec);
        var found = string.Join(", ", checks.Select(check => check(subject)).OfType<string>());
        return found.Length == 0 ? null : found;
    }
}
