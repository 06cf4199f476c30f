using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.PodSecurity;

/// <summary>The checks of the baseline standard: null when the Pod passes, else the reason and its detail.</summary>
internal static class BaselineChecks
{
    private static readonly string[] DefaultCapabilities =
    [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ];

    private static readonly string[] SafeSysctls =
    [
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    ];

    private static readonly string[] Handlers =
    [
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle.postStart",
        "lifecycle.preStop",
    ];

    public static string? Capabilities(PodSubject pod)
    {
        IEnumerable<string> Added(JsonObject? security) =>
            security.ArrayAt("capabilities", "add").Texts().Except(DefaultCapabilities, StringComparer.Ordinal);
        var names = pod.Where(s => Added(s).Any());
        var added = pod.Containers.SelectMany(c => Added(c.ObjectAt("securityContext"))).Distinct().Order();
        return names.Length == 0
            ? null
            : $"non-default capabilities ({PodSubject.Named(names)} must not include {PodSubject.Quoted(added)} in "
                + "securityContext.capabilities.add)";
    }

    public static string? HostNamespaces(PodSubject pod)
    {
        var used = ((string[])["hostNetwork", "hostPID", "hostIPC"]).Where(name => pod.Spec.FlagAt(name)).ToArray();
        return used.Length == 0 ? null : $"host namespaces ({string.Join(", ", used.Select(u => $"{u}=true"))})";
    }

    public static string? HostPathVolumes(PodSubject pod)
    {
        var names = pod
            .Spec.ArrayAt("volumes")
            .Objects()
            .Where(v => v.ObjectAt("hostPath") is not null)
            .Select(PodSubject.Name)
            .ToArray();
        var noun = names.Length == 1 ? "volume" : "volumes";
        return names.Length == 0 ? null : $"hostPath volumes ({noun} {PodSubject.Quoted(names)})";
    }

    public static string? HostPorts(PodSubject pod)
    {
        static IEnumerable<long> Ports(JsonObject container) =>
            container.ArrayAt("ports").Objects().Select(p => p.IntegerAt("hostPort") ?? 0).Where(p => p != 0);
        var names = pod.Containers.Where(c => Ports(c).Any()).Select(PodSubject.Name).ToArray();
        var ports = pod
            .Containers.SelectMany(Ports)
            .Select(p => p.ToString(CultureInfo.InvariantCulture))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToArray();
        return names.Length == 0
            ? null
            : $"hostPort ({Uses(names)} {(ports.Length == 1 ? "hostPort" : "hostPorts")} {string.Join(", ", ports)})";
    }

    public static string? ProbeHosts(PodSubject pod)
    {
        static IEnumerable<string> Hosts(JsonObject container) =>
            from handler in Handlers
            from action in (string[])["httpGet", "tcpSocket"]
            let host = container.TextAt([.. handler.Split('.'), action, "host"])
            where !string.IsNullOrEmpty(host)
            select host;
        var names = pod
            .Containers.Where(c => Hosts(c).Any())
            .Select(PodSubject.Name)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var hosts = pod
            .Containers.SelectMany(Hosts)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var noun = hosts.Length == 1 ? "probe or lifecycle host" : "probe or lifecycle hosts";
        return names.Length == 0 ? null : $"probe or lifecycle host ({Uses(names)} {noun} {PodSubject.Quoted(hosts)})";
    }

    public static string? Privileged(PodSubject pod)
    {
        var names = pod.Where(s => s.FlagAt("privileged"));
        return names.Length == 0
            ? null
            : $"privileged ({PodSubject.Named(names)} must not set securityContext.privileged=true)";
    }

    public static string? ProcMount(PodSubject pod)
    {
        static bool Bad(JsonObject? s) => s.TextAt("procMount") is not (null or "" or "Default");
        var names = pod.Where(Bad);
        var mounts = pod
            .Containers.Select(c => c.ObjectAt("securityContext"))
            .Where(Bad)
            .Select(s => s.TextAt("procMount")!)
            .Distinct(StringComparer.Ordinal);
        return names.Length == 0
            ? null
            : $"procMount ({PodSubject.Named(names)} must not set securityContext.procMount to "
                + $"{PodSubject.Quoted(mounts)})";
    }

    public static string? Seccomp(PodSubject pod)
    {
        static bool Bad(JsonObject? s) => s.TextAt("seccompProfile", "type") == "Unconfined";
        return PodSubject.Setters(Bad(pod.Security), pod.Where(Bad)) is { } who
            ? $"seccompProfile ({who} must not set securityContext.seccompProfile.type to \"Unconfined\")"
            : null;
    }

    public static string? Sysctls(PodSubject pod)
    {
        var names = pod
            .Security.ArrayAt("sysctls")
            .Objects()
            .Select(PodSubject.Name)
            .Except(SafeSysctls, StringComparer.Ordinal)
            .ToArray();
        return names.Length == 0 ? null : $"forbidden sysctls ({string.Join(", ", names)})";
    }

    private static string Uses(string[] names) => $"{PodSubject.Named(names)} {(names.Length == 1 ? "uses" : "use")}";
}
