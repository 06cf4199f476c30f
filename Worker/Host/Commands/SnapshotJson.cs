using Granary.Engine.Records;
using Granary.Engine.Repositories;

namespace Granary.Worker.Commands;

/// <summary>A snapshot as restic prints it.</summary>
internal static class SnapshotJson
{
    /// <summary>What is printed of a snapshot.</summary>
    public static PrintedSnapshot Of(Snapshot snapshot) => new(
        snapshot.Record.Time.Text,
        snapshot.Record.Parent?.ToString(),
        snapshot.Record.Tree.ToString(),
        snapshot.Record.Paths,
        snapshot.Record.Hostname,
        snapshot.Record.Username,
        OrAbsent(snapshot.Record.UserId),
        OrAbsent(snapshot.Record.GroupId),
        OrAbsent(snapshot.Record.Excludes),
        OrAbsent(snapshot.Record.Tags),
        snapshot.Record.Original?.ToString(),
        snapshot.Record.ProgramVersion,
        snapshot.Record.Summary is { } summary ? Of(summary) : null,
        snapshot.Id.ToString(),
        snapshot.Id.Short);

    private static PrintedSummary Of(SnapshotSummary summary) => new(
        summary.BackupStart.Text,
        summary.BackupEnd.Text,
        summary.FilesNew,
        summary.FilesChanged,
        summary.FilesUnmodified,
        summary.DirectoriesNew,
        summary.DirectoriesChanged,
        summary.DirectoriesUnmodified,
        summary.DataBlobs,
        summary.TreeBlobs,
        summary.DataAdded,
        summary.DataAddedPacked,
        summary.TotalFilesProcessed,
        summary.TotalBytesProcessed);

    private static uint? OrAbsent(uint id) => id == 0 ? null : id;

    private static IReadOnlyList<string>? OrAbsent(IReadOnlyList<string> texts) => texts.Count == 0 ? null : texts;
}
