using Granary.DevCluster.Nodes.Images;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Launching;

/// <summary>Who a container runs as.</summary>
internal sealed record ContainerUser(int User, int Group, IReadOnlyList<int> Groups, string Home, bool NoNewPrivileges)
{
    private const int Nobody = 65534;

    /// <exception cref="ContainerConfigException">The container must not run as root and would.</exception>
    public static ContainerUser For(V1Pod pod, V1Container container, ImageEntry image)
    {
        var ofPod = pod.Spec.SecurityContext;
        var ofContainer = container.SecurityContext;
        var user = (int?)(ofContainer?.RunAsUser ?? ofPod?.RunAsUser) ?? image.User ?? Nobody;
        if (user == 0 && (ofContainer?.RunAsNonRoot ?? ofPod?.RunAsNonRoot) == true)
        {
            throw new ContainerConfigException("container's runAsUser breaks non-root policy");
        }

        var account = Account(user);
        var group = (int?)(ofContainer?.RunAsGroup ?? ofPod?.RunAsGroup) ?? image.Group ?? account.Group;
        var groups = new List<int> { group };
        groups.AddRange((ofPod?.SupplementalGroups ?? []).OfType<long>().Select(id => (int)id));
        if (ofPod?.FsGroup is { } fsGroup)
        {
            groups.Add((int)fsGroup);
        }

        return new ContainerUser(
            user,
            group,
            [.. groups.Distinct()],
            account.Home,
            ofContainer?.AllowPrivilegeEscalation == false
        );
    }

    /// <summary>The command that becomes this user and then the program.</summary>
    public IEnumerable<string> Prefix()
    {
        string[] identity =
        [
            "/usr/bin/setpriv",
            $"--reuid={User}",
            $"--regid={Group}",
            $"--groups={string.Join(',', Groups)}",
            "--inh-caps=-all",
        ];
        return NoNewPrivileges ? [.. identity, "--no-new-privs", "--"] : [.. identity, "--"];
    }

    private static (int Group, string Home) Account(int user)
    {
        foreach (var line in File.Exists("/etc/passwd") ? File.ReadLines("/etc/passwd") : [])
        {
            var fields = line.Split(':');
            if (fields.Length >= 6 && fields[2] == $"{user}" && int.TryParse(fields[3], out var group))
            {
                return (group, fields[5].Length == 0 ? "/" : fields[5]);
            }
        }

        return (0, "/");
    }
}

/// <summary>A container cannot be set up as it is written; the text goes into its status.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);
