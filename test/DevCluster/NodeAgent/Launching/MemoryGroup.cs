using System.Globalization;

namespace Granary.DevCluster.Nodes.Launching;

/// <summary>A memory limit by control group; where the host does not let us make one, there is no limit.</summary>
internal sealed class MemoryGroup : IAsyncDisposable
{
    private const string V1 = "/sys/fs/cgroup/memory";

    private readonly bool _v1;

    private MemoryGroup(string directory, bool v1) => (Directory, _v1) = (directory, v1);

    public string Directory { get; }

    /// <summary>Whether the kernel ended a process of the group for want of memory.</summary>
    public bool HasKilled
    {
        get
        {
            try
            {
                return File.ReadLines(Path.Combine(Directory, _v1 ? "memory.oom_control" : "memory.events"))
                    .Any(line => line.StartsWith("oom_kill ", StringComparison.Ordinal) && line != "oom_kill 0");
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    public static MemoryGroup? Create(string name, decimal bytes)
    {
        var v1 = System.IO.Directory.Exists(V1);
        var directory = Path.Combine(v1 ? V1 : "/sys/fs/cgroup", $"granary-{name}");
        try
        {
            System.IO.Directory.CreateDirectory(directory);
            var limit = Math.Ceiling(bytes).ToString("0", CultureInfo.InvariantCulture);
            File.WriteAllText(Path.Combine(directory, v1 ? "memory.limit_in_bytes" : "memory.max"), limit);
            return new MemoryGroup(directory, v1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryRemove(directory);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The kernel may still be taking down the last process of the group.
        for (var tries = 0; !TryRemove(Directory) && tries < 50; tries++)
        {
            await Task.Delay(20);
        }
    }

    /// <summary>Removes a group by its directory; false while processes are in it.</summary>
    public static bool TryRemove(string directory)
    {
        try
        {
            System.IO.Directory.Delete(directory);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
