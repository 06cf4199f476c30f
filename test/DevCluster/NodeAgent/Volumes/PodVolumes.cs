using Granary.DevCluster.Machinery;
using Granary.DevCluster.Nodes.Launching;
using k8s.Models;

namespace Granary.DevCluster.Nodes.Volumes;

/// <summary>A Pod's volumes as directories of the host, and where its containers mount them.</summary>
internal sealed class PodVolumes(
    ResourceClient client,
    V1Pod pod,
    string directory,
    string claims,
    VolumeSources sources
)
{
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AtomicDirectory> _projected = new(StringComparer.Ordinal);

    private int? Group => (int?)pod.Spec.SecurityContext?.FsGroup;

    /// <summary>Makes every volume ready.</summary>
    /// <exception cref="VolumeException">One cannot be made ready yet.</exception>
    public async Task PrepareAsync(CancellationToken ct)
    {
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            if (!_paths.ContainsKey(volume.Name))
            {
                try
                {
                    _paths[volume.Name] = await PrepareAsync(volume, ct);
                }
                catch (VolumeException e)
                {
                    throw new VolumeException($"MountVolume.SetUp failed for volume \"{volume.Name}\" : {e.Message}");
                }
            }
        }
    }

    /// <summary>Brings content of the API's up to date; what has gone missing stays as it was.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            if (_projected.TryGetValue(volume.Name, out var projected))
            {
                try
                {
                    projected.Write((await sources.ReadAsync(volume, ct))!);
                }
                catch (Exception e) when (e is VolumeException or ApiRequestException or HttpRequestException)
                {
                    // The next round tries again; the container keeps what it has.
                }
            }
        }
    }

    /// <summary>The mounts of one container.</summary>
    /// <exception cref="ContainerConfigException">A mount names a volume or a path that is not there.</exception>
    public IEnumerable<BindMount> MountsOf(V1Container container, IReadOnlyDictionary<string, string> environment)
    {
        foreach (var mount in container.VolumeMounts ?? [])
        {
            if (!_paths.TryGetValue(mount.Name, out var source))
            {
                throw new ContainerConfigException($"volume {mount.Name} not found");
            }

            var inside = mount.SubPathExpr is { } expression
                ? VariableExpansion.Expand(expression, environment)
                : mount.SubPath;
            if (!string.IsNullOrEmpty(inside))
            {
                source = SubPath(source, inside);
            }

            var readOnly = mount.ReadOnlyProperty == true || _projected.ContainsKey(mount.Name);
            yield return new BindMount(source, Path.GetFullPath(mount.MountPath), readOnly);
        }
    }

    private string SubPath(string source, string inside)
    {
        var path = Path.GetFullPath(Path.Combine(source, inside));
        if (!path.StartsWith(source + "/", StringComparison.Ordinal))
        {
            throw new ContainerConfigException($"subPath \"{inside}\" leads out of the volume");
        }

        if (!Path.Exists(path))
        {
            Directory.CreateDirectory(path);
            Open(path);
        }

        // A link through ..data is resolved once: a subPath does not follow later changes, on real nodes neither.
        return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
    }

    private async Task<string> PrepareAsync(V1Volume volume, CancellationToken ct)
    {
        var path = Path.Combine(directory, volume.Name);
        if (await sources.ReadAsync(volume, ct) is { } files)
        {
            var projected = new AtomicDirectory(path, Group);
            projected.Write(files);
            _projected[volume.Name] = projected;
            return path;
        }

        if (volume.HostPath is { } host)
        {
            return HostPath(host);
        }

        if (volume.PersistentVolumeClaim is { } claim)
        {
            var found = await client.FindAsync<V1PersistentVolumeClaim>(
                ResourceType.Claims,
                pod.Metadata.NamespaceProperty,
                claim.ClaimName,
                ct
            ) ?? throw new VolumeException($"persistentvolumeclaim \"{claim.ClaimName}\" not found");
            path = Path.Combine(claims, found.Metadata.Uid);
        }
        else if (volume.Ephemeral is null && volume.EmptyDir is null)
        {
            throw new VolumeException("this kind of volume is not supported by the node");
        }

        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            Open(path);
        }

        return path;
    }

    private void Open(string path)
    {
        const UnixFileMode Everyone = (UnixFileMode)0x1ff;
        Posix.SetMode(path, Group is null ? Everyone : Everyone | UnixFileMode.SetGroup);
        if (Group is { } group)
        {
            Posix.ChangeOwner(path, 0, group);
        }
    }

    private static string HostPath(V1HostPathVolumeSource host)
    {
        if (host.Type == "DirectoryOrCreate")
        {
            Directory.CreateDirectory(host.Path);
        }
        else if (host.Type == "FileOrCreate" && !File.Exists(host.Path))
        {
            File.WriteAllBytes(host.Path, []);
        }

        return Path.Exists(host.Path)
            ? Path.GetFullPath(host.Path)
            : throw new VolumeException($"hostPath type check failed: {host.Path} does not exist");
    }
}
