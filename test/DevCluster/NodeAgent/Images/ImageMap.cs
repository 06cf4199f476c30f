using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Granary.DevCluster.Nodes.Images;

/// <summary>What stands in for an image: the program that its entry point is, and its settings.</summary>
public sealed record ImageEntry
{
    /// <summary>
    /// The entry point; a container's <c>command</c> replaces it, its <c>args</c> follow it. Empty: the container must
    /// have a command.
    /// </summary>
    public IList<string> Command { get; set; } = [];

    /// <summary>The image's own environment.</summary>
    public IDictionary<string, string> Env { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where the program starts; null is <c>/</c>.</summary>
    public string? WorkingDir { get; set; }

    /// <summary>The image's user id; null is 65534.</summary>
    public int? User { get; set; }

    /// <summary>The image's group id; null is the user's primary group.</summary>
    public int? Group { get; set; }
}

/// <summary>Image names and what they run, read from a YAML or JSON file that is read again when it changes.</summary>
/// <remarks>
/// The file is a map from image name to <see cref="ImageEntry"/>, bare or under the key <c>images</c>:
/// <c>granary/worker: { command: [/opt/worker], env: {A: b} }</c>. A name
/// with a tag or digest serves that one only, a name without serves all of its tags; <c>*</c> serves what no other name
/// serves.
/// </remarks>
public sealed class ImageMap
{
    private readonly Lock _lock = new();
    private readonly string? _path;
    private IReadOnlyDictionary<string, ImageEntry> _entries;
    private DateTime _read;

    public ImageMap(IReadOnlyDictionary<string, ImageEntry> entries) => _entries = Normalized(entries);

    private ImageMap(string path)
    {
        _path = path;
        _entries = new Dictionary<string, ImageEntry>(StringComparer.Ordinal);
    }

    /// <summary>A map kept in a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="YamlDotNet.Core.YamlException">The file is not such a map.</exception>
    public static ImageMap FromFile(string path)
    {
        var map = new ImageMap(Path.GetFullPath(path));
        map.Reload();
        return map;
    }

    /// <summary>What <paramref name="image"/> runs; null when the map does not know it.</summary>
    public ImageEntry? Find(string image)
    {
        lock (_lock)
        {
            if (_path is not null && File.GetLastWriteTimeUtc(_path) != _read)
            {
                Reload();
            }

            var name = Normalized(image);
            return _entries.GetValueOrDefault(name)
                ?? _entries.GetValueOrDefault(WithoutTag(name))
                ?? _entries.GetValueOrDefault("*");
        }
    }

    private static Dictionary<string, ImageEntry> Normalized(IReadOnlyDictionary<string, ImageEntry> entries) =>
        entries.ToDictionary(
            entry => Normalized(entry.Key),
            entry => entry.Value ?? new ImageEntry(),
            StringComparer.Ordinal
        );

    private static string Normalized(string image)
    {
        foreach (var prefix in (string[])["docker.io/library/", "docker.io/", "library/"])
        {
            if (image.StartsWith(prefix, StringComparison.Ordinal))
            {
                return image[prefix.Length..];
            }
        }

        return image;
    }

    private static string WithoutTag(string image)
    {
        var at = image.IndexOf('@', StringComparison.Ordinal);
        image = at < 0 ? image : image[..at];
        var colon = image.LastIndexOf(':');

        // The colon of registry:5000/name is no tag's.
        return colon > image.LastIndexOf('/') ? image[..colon] : image;
    }

    private void Reload()
    {
        _read = File.GetLastWriteTimeUtc(_path!);
        var text = File.ReadAllText(_path!);
        var reader = new DeserializerBuilder()
            .WithNamingConvention(CamelCaseNamingConvention.Instance)
            .IgnoreUnmatchedProperties()
            .Build();
        _entries = Normalized(
            reader.Deserialize<ImageFile?>(text)?.Images
                ?? reader.Deserialize<Dictionary<string, ImageEntry>?>(text)
                ?? []
        );
    }

    private sealed class ImageFile
    {
        public Dictionary<string, ImageEntry>? Images { get; set; }
    }
}
