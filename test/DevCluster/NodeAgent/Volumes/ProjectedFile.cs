using System.Text;

namespace Granary.DevCluster.Nodes.Volumes;

/// <summary>A file of a Secret, ConfigMap, token or downward API volume.</summary>
internal sealed record ProjectedFile(string Path, byte[] Content, int Mode)
{
    public static ProjectedFile Text(string path, string content, int mode) =>
        new(path, Encoding.UTF8.GetBytes(content), mode);
}

/// <summary>A volume cannot be made ready yet; the text goes into an Event and the Pod waits.</summary>
internal sealed class VolumeException(string message) : Exception(message);
