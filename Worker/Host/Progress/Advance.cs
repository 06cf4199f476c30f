using Granary.Api.Status;
using Granary.Engine.Archiving;
using Granary.Engine.Maintenance;
using Granary.Engine.Restoring;

namespace Granary.Worker.Progress;

/// <summary>How far something is.</summary>
/// <param name="Work">What is being done, as <c>Backing up</c>.</param>
/// <param name="Done">Bytes or things done.</param>
/// <param name="Total">Of how many; 0 where nobody knows.</param>
/// <param name="IsBytes">Whether bytes are counted.</param>
/// <param name="Note">What else is to be said.</param>
internal readonly record struct Advance(string Work, long Done, long Total, bool IsBytes, string Note = "")
{
    /// <summary>How far a backup is. Its end is not known.</summary>
    public static Advance Of(BackupProgress progress) =>
        new("Backing up", progress.BytesRead, 0, IsBytes: true, $"{StatusText.Size(progress.BytesStored)} stored");

    /// <summary>How far reading a file back is.</summary>
    public static Advance Of(string work, DumpProgress progress) =>
        new(work, progress.BytesWritten, progress.TotalBytes, IsBytes: true);

    /// <summary>How far a step of maintenance is.</summary>
    public static Advance Of(MaintenanceProgress progress) =>
        progress.Total == 0
            ? new("Preparing", 0, 0, IsBytes: false)
            : new(NameOf(progress.Step), progress.Done, progress.Total, IsBytes: false);

    private static string NameOf(MaintenanceStep step) =>
        step switch
        {
            MaintenanceStep.DeleteSnapshots => "Deleting snapshots",
            MaintenanceStep.ReadIndexes => "Reading index files",
            MaintenanceStep.WalkSnapshots => "Walking snapshots",
            MaintenanceStep.ReadPacks => "Reading packs",
            MaintenanceStep.Repack => "Repacking packs",
            MaintenanceStep.RewriteIndex => "Writing the index",
            MaintenanceStep.DeletePacks => "Deleting packs",
            _ => throw new ArgumentOutOfRangeException(nameof(step), step, "No such step."),
        };
}
