using Granary.Engine.Checking;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Faults.Tests.Loops;

/// <summary>
/// What a fault loop interrupts, from a repository before it to what must be true once it has succeeded.
/// </summary>
/// <param name="Name">As in messages.</param>
/// <param name="Sample">The repository.</param>
/// <param name="Snapshots">How many it has before.</param>
/// <param name="RunAsync">Runs it once; false where it reports that something is left to do.</param>
/// <param name="After">What the snapshots' tags must be after a run that succeeded.</param>
internal sealed record Operation(
    string Name,
    Sample Sample,
    int Snapshots,
    Func<OpenRepository, LockOwner, Task<bool>> RunAsync,
    Action<IReadOnlyList<string>> After
)
{
    /// <summary>Done to the repository beforehand.</summary>
    public Func<OpenRepository, Task> PrepareAsync { get; init; } = _ => Task.CompletedTask;

    /// <summary>Whether nothing unreferenced is left after a run that succeeded.</summary>
    public bool IsTidy { get; init; }

    /// <summary>The operations that the proof is about.</summary>
    public static Operation Of(string name, Sample sample, int snapshots)
    {
        string[] before = [.. Enumerable.Range(0, snapshots).Select(i => $"{i}")];
        return name switch
        {
            "backup" => new(name, sample, snapshots, BackupAsync, tags =>
                Assert.Equal([.. before, "new"], tags.Distinct(StringComparer.Ordinal))
            ),
            "forget" => new(name, sample, snapshots, ForgetAsync, tags => Assert.Equal(before[^1..], tags)),
            "prune" => new(name, sample, snapshots, PruneAsync, tags => Assert.Equal(before[(snapshots / 2)..], tags))
            {
                PrepareAsync = open => Sample.ForgetAsync(open, Sample.Living, snapshots - (snapshots / 2)),
                IsTidy = true,
            },
            "check" => new(name, sample, snapshots, CheckAsync, tags => Assert.Equal(before, tags)),
            "dump" => new(name, sample, snapshots, DumpAsync, tags => Assert.Equal(before, tags)),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Unknown operation."),
        };

        async Task<bool> BackupAsync(OpenRepository open, LockOwner owner)
        {
            await sample.BackupAsync(open, owner, "new");
            return true;
        }

        async Task<bool> DumpAsync(OpenRepository open, LockOwner owner)
        {
            await sample.DumpLatestAsync(open, owner);
            return true;
        }
    }

    /// <summary>The repository's files before the operation.</summary>
    public async Task<IReadOnlyDictionary<FileHandle, byte[]>> FilesAsync()
    {
        var files = await Sample.FilesAsync(Snapshots);
        var backend = new TestSupport.MemoryBackend();
        foreach (var (handle, content) in files)
        {
            backend.Files[handle] = content;
        }

        await PrepareAsync(await Sample.OpenAsync(backend));
        return new Dictionary<FileHandle, byte[]>(backend.Files);
    }

    private static async Task<bool> ForgetAsync(OpenRepository open, LockOwner owner) =>
        (await Sample.ForgetAsync(open, owner, keepLast: 1)).Failed.Count == 0;

    private static async Task<bool> PruneAsync(OpenRepository open, LockOwner owner) =>
        (await Sample.PruneAsync(open, owner)).Failed.Count == 0;

    private static async Task<bool> CheckAsync(OpenRepository open, LockOwner owner)
    {
        var report = await Sample.CheckAsync(open, owner);
        Assert.True(report.IsSound, string.Join("; ", report.Errors));
        return true;
    }
}
