using Granary.DevCluster.Nodes.Launching;
using Granary.DevCluster.Nodes.Network;
using Granary.DevCluster.Nodes.Volumes;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Pods;

/// <summary>What the containers of one Pod share on the host: directories, address, volumes, hosts file.</summary>
internal sealed class PodSandbox : IDisposable
{
    private readonly NodeContext _node;
    private readonly string _address;
    private bool _released;

    public PodSandbox(NodeContext node, V1Pod pod)
    {
        _node = node;
        _address = node.Addresses.Take();
        PodDirectory = Path.Combine(node.PodsDirectory, pod.Metadata.Uid);
        Directory.CreateDirectory(PodDirectory);
        Sources = new VolumeSources(node.Client, pod, PodIp, node.HostIp);
        Volumes = new PodVolumes(
            node.Client,
            pod,
            Path.Combine(PodDirectory, "volumes"),
            node.ClaimsDirectory,
            Sources
        );
        Hosts = new HostsFile(HostsPath, pod, PodIp);
        Hosts.Write(node.ServiceAddresses());
        File.WriteAllLines(ResolverPath, NameServers());
        Posix.SetMode(ResolverPath, (UnixFileMode)0x1a4);
    }

    public string PodDirectory { get; }

    public string PodIp => _address;

    public VolumeSources Sources { get; }

    public PodVolumes Volumes { get; }

    public HostsFile Hosts { get; }

    private string HostsPath => Path.Combine(PodDirectory, "hosts");

    private string ResolverPath => Path.Combine(PodDirectory, "resolv.conf");

    public string RunDirectory(string container, int restart) =>
        Path.Combine(PodDirectory, "containers", container, $"{restart}");

    public string LogPath(string container, int restart) => LogPath(PodDirectory, container, restart);

    public static string LogPath(string podDirectory, string container, int restart) =>
        Path.Combine(podDirectory, "logs", container, $"{restart}.log");

    /// <summary>The files that every container gets besides its volumes.</summary>
    public IEnumerable<BindMount> CommonMounts() =>
        [new BindMount(HostsPath, "/etc/hosts", false), new BindMount(ResolverPath, "/etc/resolv.conf", false)];

    /// <summary>Gives the address back and removes volumes; logs stay until the Pod is gone.</summary>
    public void Release()
    {
        if (!_released)
        {
            _released = true;
            _node.Addresses.Give(_address);
            Remove(Path.Combine(PodDirectory, "volumes"));
            Remove(Path.Combine(PodDirectory, "containers"));
        }
    }

    public void Dispose()
    {
        Release();
        Remove(PodDirectory);
    }

    private static void Remove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Never made.
        }
    }

    // The host's name servers without its search list: names inside of the cluster come from the hosts file alone.
    private static IEnumerable<string> NameServers()
    {
        IEnumerable<string> lines = File.Exists("/etc/resolv.conf") ? File.ReadLines("/etc/resolv.conf") : [];
        return lines
            .Where(line => line.StartsWith("nameserver", StringComparison.Ordinal))
            .Append("options timeout:2 attempts:1");
    }
}
