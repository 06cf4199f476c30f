using System.Text.Json.Serialization;
using Granary.Engine.Checking;
using Granary.Engine.Pruning;

namespace Granary.Worker.Commands.Printing;

/// <summary>What <c>backup</c> did.</summary>
internal sealed record PrintedBackup(
    string MessageType,
    string SnapshotId,
    long FilesNew,
    long FilesChanged,
    long FilesUnmodified,
    long DataBlobs,
    long TreeBlobs,
    long DataAdded,
    long DataAddedPacked,
    long TotalFilesProcessed,
    long TotalBytesProcessed,
    double TotalDuration,
    IEnumerable<PrintedStream> Streams
);

/// <summary>One stream that was backed up.</summary>
internal sealed record PrintedStream(string Path, long Size, long DataAdded, long DataAddedPacked);

/// <summary>A place of a blob.</summary>
internal sealed record PrintedBlob(string Type, string Id, string Pack);

/// <summary>What <c>check</c> found.</summary>
internal sealed record PrintedCheck(
    string MessageType,
    int NumErrors,
    IReadOnlyList<CheckFinding> Errors,
    IReadOnlyList<CheckFinding> Hints,
    IReadOnlyList<string> UnreferencedPacks,
    int Snapshots,
    int Packs,
    int PacksRead,
    long BytesRead
);

/// <summary>A snapshot that could not be removed.</summary>
internal sealed record PrintedFailure(string MessageType, string Snapshot, string Reason);

/// <summary>A repository that was made.</summary>
internal sealed record PrintedInit(string MessageType, string Id, string Repository);

/// <summary>A key that came or went.</summary>
internal sealed record PrintedKeyChange(string MessageType, string? Id = null, string? Removed = null);

/// <summary>What <c>prune</c> did or would do.</summary>
internal sealed record PrintedPrune(
    string MessageType,
    bool DryRun,
    PruneStatistics Statistics,
    int? PacksDeleted,
    long? BytesFreed,
    long? BlobsRepacked,
    IEnumerable<PrintedFailedDelete>? Failed
);

/// <summary>A file that could not be deleted.</summary>
internal sealed record PrintedFailedDelete(string File, string Reason);

/// <summary>What <c>repair index</c> did.</summary>
internal sealed record PrintedRepair(
    string MessageType,
    int PacksRead,
    int IndexesSaved,
    int IndexesDeleted,
    IReadOnlyList<CheckFinding> Damaged,
    IEnumerable<string> Missing
);

/// <summary>What <c>unlock</c> did.</summary>
internal sealed record PrintedUnlock(string MessageType, int Removed);

/// <summary>
/// What <c>forget</c> decided about the snapshots of one group. What the grouping leaves out is null or empty, as in
/// restic.
/// </summary>
internal sealed record PrintedGroup(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<string>? Tags,
    string Host,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<string>? Paths,
    IEnumerable<PrintedSnapshot> Keep,
    IEnumerable<PrintedSnapshot> Remove,
    IEnumerable<PrintedReason> Reasons
);

/// <summary>Why a snapshot is kept.</summary>
internal sealed record PrintedReason(PrintedSnapshot Snapshot, IReadOnlyList<string> Matches);

/// <summary>A key as restic prints it, whose names are not in snake_case here.</summary>
internal sealed record PrintedKey(
    bool Current,
    string Id,
    [property: JsonPropertyName("userName")] string UserName,
    [property: JsonPropertyName("hostName")] string HostName,
    string Created,
    string? Fault
);

/// <summary>A snapshot as restic prints it.</summary>
internal sealed record PrintedSnapshot(
    string Time,
    string? Parent,
    string Tree,
    IReadOnlyList<string> Paths,
    string Hostname,
    string Username,
    uint? Uid,
    uint? Gid,
    IReadOnlyList<string>? Excludes,
    IReadOnlyList<string>? Tags,
    string? Original,
    string? ProgramVersion,
    PrintedSummary? Summary,
    string Id,
    string ShortId
);

/// <summary>What a backup noted in its snapshot.</summary>
internal sealed record PrintedSummary(
    string BackupStart,
    string BackupEnd,
    long FilesNew,
    long FilesChanged,
    long FilesUnmodified,
    long DirsNew,
    long DirsChanged,
    long DirsUnmodified,
    long DataBlobs,
    long TreeBlobs,
    long DataAdded,
    long DataAddedPacked,
    long TotalFilesProcessed,
    long TotalBytesProcessed
);
