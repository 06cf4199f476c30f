using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.PodSecurity;

/// <summary>The checks that the restricted standard adds: null when the Pod passes, else reason and detail.</summary>
internal static class RestrictedChecks
{
    private static readonly string[] AllowedVolumes =
    [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];

    public static string? PrivilegeEscalation(PodSubject pod)
    {
        var names = pod.Where(s => s?["allowPrivilegeEscalation"] is null || s.FlagAt("allowPrivilegeEscalation"));
        return names.Length == 0
            ? null
            : $"allowPrivilegeEscalation != false ({PodSubject.Named(names)} must set "
                + "securityContext.allowPrivilegeEscalation=false)";
    }

    public static string? Capabilities(PodSubject pod)
    {
        static IEnumerable<string> Added(JsonObject? s) =>
            s.ArrayAt("capabilities", "add").Texts().Where(c => c != "NET_BIND_SERVICE");
        var keep = pod.Where(s => !s.ArrayAt("capabilities", "drop").Texts().Contains("ALL", StringComparer.Ordinal));
        var add = pod.Where(s => Added(s).Any());
        var details = new List<string>();
        if (keep.Length > 0)
        {
            details.Add($"{PodSubject.Named(keep)} must set securityContext.capabilities.drop=[\"ALL\"]");
        }

        if (add.Length > 0)
        {
            var added = pod
                .Containers.SelectMany(c => Added(c.ObjectAt("securityContext")))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal);
            details.Add(
                $"{PodSubject.Named(add)} must not include {PodSubject.Quoted(added)} in "
                    + "securityContext.capabilities.add"
            );
        }

        return details.Count == 0 ? null : $"unrestricted capabilities ({string.Join("; ", details)})";
    }

    public static string? Volumes(PodSubject pod)
    {
        static string? Bad(JsonObject volume) =>
            volume.Select(p => p.Key).FirstOrDefault(k => k != "name" && !AllowedVolumes.Contains(k));
        var bad = pod.Spec.ArrayAt("volumes").Objects().Where(v => Bad(v) is not null).ToArray();
        if (bad.Length == 0)
        {
            return null;
        }

        var types = bad.Select(v => Bad(v)!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var one = bad.Length == 1;
        return $"restricted volume types ({(one ? "volume" : "volumes")} "
            + $"{PodSubject.Quoted(bad.Select(PodSubject.Name))} {(one ? "uses" : "use")} restricted volume "
            + $"{(types.Length == 1 ? "type" : "types")} {PodSubject.Quoted(types)})";
    }

    public static string? RunAsNonRoot(PodSubject pod)
    {
        static bool IsNo(JsonObject? s) => s?["runAsNonRoot"] is not null && !s.FlagAt("runAsNonRoot");
        if (PodSubject.Setters(IsNo(pod.Security), pod.Where(IsNo)) is { } who)
        {
            return $"runAsNonRoot != true ({who} must not set securityContext.runAsNonRoot=false)";
        }

        var unsaid = pod.Where(s => s?["runAsNonRoot"] is null);
        return pod.Security.FlagAt("runAsNonRoot") || unsaid.Length == 0
            ? null
            : $"runAsNonRoot != true (pod or {PodSubject.Named(unsaid)} must set securityContext.runAsNonRoot=true)";
    }

    public static string? RunAsUser(PodSubject pod)
    {
        static bool IsRoot(JsonObject? s) => s.IntegerAt("runAsUser") is 0;
        return PodSubject.Setters(IsRoot(pod.Security), pod.Where(IsRoot)) is { } who
            ? $"runAsUser=0 ({who} must not set runAsUser=0)"
            : null;
    }

    public static string? Seccomp(PodSubject pod)
    {
        static string? Type(JsonObject? s) => s.TextAt("seccompProfile", "type");
        static bool IsBad(JsonObject? s) => Type(s) is { } type && type is not ("RuntimeDefault" or "Localhost");
        if (PodSubject.Setters(IsBad(pod.Security), pod.Where(IsBad)) is { } who)
        {
            return $"seccompProfile ({who} must not set securityContext.seccompProfile.type to \"Unconfined\")";
        }

        var unsaid = pod.Where(s => Type(s) is null);
        return Type(pod.Security) is not null || unsaid.Length == 0
            ? null
            : $"seccompProfile (pod or {PodSubject.Named(unsaid)} must set securityContext.seccompProfile.type to "
                + "\"RuntimeDefault\" or \"Localhost\")";
    }
}
