using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Granary.DevCluster.Nodes.Launching;

namespace Granary.DevCluster.Nodes.Volumes;

/// <summary>
/// A directory whose files all change at once: they are links through <c>..data</c>, which leads to the directory of
/// one generation. The same layout as a real node's, which programs that watch for changes rely on.
/// </summary>
internal sealed class AtomicDirectory(string path, int? group)
{
    private string? _written;

    public void Write(IReadOnlyCollection<ProjectedFile> files)
    {
        var digest = Digest(files);
        if (digest == _written)
        {
            return;
        }

        Directory.CreateDirectory(path);
        var generation = $"..{DateTime.UtcNow.ToString("yyyy_MM_dd_HH_mm_ss.fffffff", CultureInfo.InvariantCulture)}";
        var directory = Path.Combine(path, generation);
        Directory.CreateDirectory(directory);
        foreach (var file in files)
        {
            WriteFile(Path.Combine(directory, file.Path), file);
        }

        OpenDirectories(directory);
        var pointer = Path.Combine(path, "..data");
        var old = new DirectoryInfo(pointer).LinkTarget;
        File.CreateSymbolicLink(pointer + "_tmp", generation);
        Posix.Replace(pointer + "_tmp", pointer);
        Link(files);
        if (old is not null)
        {
            Directory.Delete(Path.Combine(path, old), recursive: true);
        }

        _written = digest;
    }

    private static string Digest(IReadOnlyCollection<ProjectedFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Path}\n{file.Mode}\n{file.Content.Length}\n"));
            hash.AppendData(file.Content);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private void WriteFile(string target, ProjectedFile file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllBytes(target, file.Content);
        var mode = file.Mode;
        if (group is { } gid)
        {
            // With an fsGroup the group may read what its owner may read.
            mode |= (mode & 0x100) >> 3;
            Posix.ChangeOwner(target, 0, gid);
        }

        Posix.SetMode(target, (UnixFileMode)mode);
    }

    private void OpenDirectories(string directory)
    {
        const UnixFileMode Open = (UnixFileMode)0x1ed;
        foreach (
            var each in Directory
                .EnumerateDirectories(directory, "*", SearchOption.AllDirectories)
                .Append(directory)
                .Append(path)
        )
        {
            Posix.SetMode(each, Open);
            if (group is { } gid)
            {
                Posix.ChangeOwner(each, 0, gid);
            }
        }
    }

    private void Link(IReadOnlyCollection<ProjectedFile> files)
    {
        var names = files.Select(file => file.Path.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (
            var entry in new DirectoryInfo(path)
                .EnumerateFileSystemInfos()
                .Where(entry => !entry.Name.StartsWith("..", StringComparison.Ordinal))
        )
        {
            if (!names.Remove(entry.Name))
            {
                entry.Delete();
            }
        }

        foreach (var name in names)
        {
            File.CreateSymbolicLink(Path.Combine(path, name), $"..data/{name}");
        }
    }
}
