using System.Globalization;
using Granary.DevCluster.Nodes.Launching;

namespace Granary.DevCluster.Nodes.Pods;

/// <summary>Ends and removes what an agent that was killed has left in its directory.</summary>
internal static class Leftovers
{
    /// <summary>The file in a run's directory that says which memory group it has.</summary>
    public const string MemoryGroupNote = "memory-group";

    public static void Remove(string podsDirectory)
    {
        if (!Directory.Exists(podsDirectory))
        {
            return;
        }

        var deep = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 };
        foreach (var file in Directory.EnumerateFiles(podsDirectory, "pid", deep))
        {
            if (
                int.TryParse(File.ReadAllText(file).AsSpan().Trim(), CultureInfo.InvariantCulture, out var pid)
                && IsContainer(pid)
            )
            {
                Posix.Signal(pid, Posix.Kill);
            }
        }

        foreach (var file in Directory.EnumerateFiles(podsDirectory, MemoryGroupNote, deep))
        {
            MemoryGroup.TryRemove(File.ReadAllText(file));
        }

        Directory.Delete(podsDirectory, recursive: true);
    }

    // The id may belong to somebody else by now; only a container is in another process namespace than ours.
    private static bool IsContainer(int pid)
    {
        var theirs = new FileInfo($"/proc/{pid}/ns/pid");
        return theirs.LinkTarget is { } target && target != new FileInfo("/proc/self/ns/pid").LinkTarget;
    }
}
