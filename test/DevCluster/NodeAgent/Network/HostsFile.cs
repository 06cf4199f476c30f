using System.Text;
using Granary.DevCluster.Nodes.Launching;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Network;

/// <summary>A Pod's <c>/etc/hosts</c>: its own name, its aliases, and every Service.</summary>
internal sealed class HostsFile(string path, V1Pod pod, string podIp)
{
    private string _written = "";

    public void Write(IReadOnlyDictionary<(string Namespace, string Name), string> services)
    {
        var text = Render(services);
        if (text == _written)
        {
            return;
        }

        // Containers have this very file mounted: it must keep its identity, so it is written in place and then cut.
        var bytes = Encoding.ASCII.GetBytes(text);
        using (
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)
        )
        {
            file.Write(bytes);
            file.SetLength(bytes.Length);
        }

        Posix.SetMode(path, (UnixFileMode)0x1a4);
        _written = text;
    }

    private string Render(IReadOnlyDictionary<(string Namespace, string Name), string> services)
    {
        var host = ContainerEnvironment.HostNameOf(pod);
        var text = new StringBuilder();
        text.Append("# Written by the node agent; each Service leads to one ready Pod behind it.\n");
        text.Append("127.0.0.1\tlocalhost\n");
        text.Append(podIp).Append('\t');
        if (!string.IsNullOrEmpty(pod.Spec.Subdomain))
        {
            text.Append($"{host}.{pod.Spec.Subdomain}.{pod.Metadata.NamespaceProperty}.svc.cluster.local\t");
        }

        text.Append(host).Append('\n');
        foreach (var alias in pod.Spec.HostAliases ?? [])
        {
            text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Hostnames ?? []).Append('\n');
        }

        foreach (
            var ((ns, name), address) in services
                .OrderBy(s => s.Key.Namespace, StringComparer.Ordinal)
                .ThenBy(s => s.Key.Name, StringComparer.Ordinal)
        )
        {
            text.Append(address).Append('\t');
            if (ns == pod.Metadata.NamespaceProperty)
            {
                text.Append(name).Append(' ');
            }

            text.Append($"{name}.{ns} {name}.{ns}.svc {name}.{ns}.svc.cluster.local\n");
        }

        return text.ToString();
    }
}
