using Granary.Engine.Records;
using Granary.Engine.Repositories;

namespace Granary.Worker.Commands.Printing;

/// <summary>A snapshot as restic prints it.</summary>
internal static class SnapshotJson
{
    /// <summary>What is printed of a snapshot.</summary>
    public static PrintedSnapshot Of(Snapshot snapshot) =>
        new(
            Time: snapshot.Record.Time.Text,
            Parent: snapshot.Record.Parent?.ToString(),
            Tree: snapshot.Record.Tree.ToString(),
            Paths: snapshot.Record.Paths,
            Hostname: snapshot.Record.Hostname,
            Username: snapshot.Record.Username,
            Uid: OrAbsent(snapshot.Record.UserId),
            Gid: OrAbsent(snapshot.Record.GroupId),
            Excludes: OrAbsent(snapshot.Record.Excludes),
            Tags: OrAbsent(snapshot.Record.Tags),
            Original: snapshot.Record.Original?.ToString(),
            ProgramVersion: snapshot.Record.ProgramVersion,
            Summary: snapshot.Record.Summary is { } summary ? Of(summary) : null,
            Id: snapshot.Id.ToString(),
            ShortId: snapshot.Id.Short
        );

    private static PrintedSummary Of(SnapshotSummary summary) =>
        new(
            BackupStart: summary.BackupStart.Text,
            BackupEnd: summary.BackupEnd.Text,
            FilesNew: summary.FilesNew,
            FilesChanged: summary.FilesChanged,
            FilesUnmodified: summary.FilesUnmodified,
            DirsNew: summary.DirectoriesNew,
            DirsChanged: summary.DirectoriesChanged,
            DirsUnmodified: summary.DirectoriesUnmodified,
            DataBlobs: summary.DataBlobs,
            TreeBlobs: summary.TreeBlobs,
            DataAdded: summary.DataAdded,
            DataAddedPacked: summary.DataAddedPacked,
            TotalFilesProcessed: summary.TotalFilesProcessed,
            TotalBytesProcessed: summary.TotalBytesProcessed
        );

    private static uint? OrAbsent(uint id) => id == 0 ? null : id;

    private static IReadOnlyList<string>? OrAbsent(IReadOnlyList<string> texts) => texts.Count == 0 ? null : texts;
}
