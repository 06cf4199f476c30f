namespace Granary.Engine.Maintenance;

/// <summary>The state of a long operation.</summary>
public enum MaintenanceStep
{
    /// <summary>Deletes snapshots.</summary>
    DeleteSnapshots,

    /// <summary>Reads index files.</summary>
    ReadIndexes,

    /// <summary>Walks the trees of snapshots.</summary>
    WalkSnapshots,

    /// <summary>Reads packs in full, or their headers.</summary>
    ReadPacks,

    /// <summary>Copies the used blobs of packs into new ones.</summary>
    Repack,

    /// <summary>Writes the index anew.</summary>
    RewriteIndex,

    /// <summary>Deletes packs.</summary>
    DeletePacks,
}

/// <summary>How far a step is. A value of its own, safe to keep.</summary>
/// <param name="Step">The step.</param>
/// <param name="Done">Files or snapshots done.</param>
/// <param name="Total">Of how many.</param>
public readonly record struct MaintenanceProgress(MaintenanceStep Step, long Done, long Total);

/// <summary>Counts one step's work, from several threads.</summary>
internal sealed class StepCounter(IProgress<MaintenanceProgress>? progress, MaintenanceStep step, long total)
{
    private long _done;

    public void Next() => progress?.Report(new MaintenanceProgress(step, Interlocked.Increment(ref _done), total));
}
