using Granary.Engine.Ids;

namespace Granary.Engine.Records;

/// <summary>One backup, as stored: a root tree with time, host, paths and tags.</summary>
/// <remarks>Source: repository format §11.</remarks>
public sealed record SnapshotRecord
{
    /// <summary>When the backup started, with the writer's offset.</summary>
    public required Timestamp Time { get; init; }

    /// <summary>The snapshot that the writer compared with, if it did.</summary>
    public SnapshotId? Parent { get; init; }

    /// <summary>The root tree.</summary>
    public required BlobId Tree { get; init; }

    /// <summary>The paths that were backed up, absolute.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The host it came from; with <see cref="Paths"/> the default retention group.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>The user that wrote it.</summary>
    public string Username { get; init; } = "";

    /// <summary>That user's numeric id; 0 for root, and when unknown.</summary>
    public uint UserId { get; init; }

    /// <summary>That user's group; 0 for root, and when unknown.</summary>
    public uint GroupId { get; init; }

    /// <summary>Patterns that the writer left out.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The first id of a snapshot that was rewritten, for instance to change its tags.</summary>
    public SnapshotId? Original { get; init; }

    /// <summary>Name and version of the writer.</summary>
    public string ProgramVersion { get; init; } = "";

    /// <summary>The figures of the backup, where the writer gives them.</summary>
    public SnapshotSummary? Summary { get; init; }
}

/// <summary>The figures of a backup. Source: repository format §11.</summary>
public sealed record SnapshotSummary
{
    /// <summary>When it started.</summary>
    public Timestamp BackupStart { get; init; }

    /// <summary>When everything but the snapshot itself was stored.</summary>
    public Timestamp BackupEnd { get; init; }

    /// <summary>Files that the parent snapshot does not have.</summary>
    public long FilesNew { get; init; }

    /// <summary>Files that differ from the parent's.</summary>
    public long FilesChanged { get; init; }

    /// <summary>Files equal to the parent's.</summary>
    public long FilesUnmodified { get; init; }

    /// <summary>Directories that the parent snapshot does not have.</summary>
    public long DirectoriesNew { get; init; }

    /// <summary>Directories that differ from the parent's.</summary>
    public long DirectoriesChanged { get; init; }

    /// <summary>Directories equal to the parent's.</summary>
    public long DirectoriesUnmodified { get; init; }

    /// <summary>Data blobs newly stored.</summary>
    public long DataBlobs { get; init; }

    /// <summary>Tree blobs newly stored.</summary>
    public long TreeBlobs { get; init; }

    /// <summary>Plaintext bytes of the newly stored blobs.</summary>
    public long DataAdded { get; init; }

    /// <summary>Bytes that those took in packs, headers included.</summary>
    public long DataAddedPacked { get; init; }

    /// <summary>Files read.</summary>
    public long TotalFilesProcessed { get; init; }

    /// <summary>Bytes read.</summary>
    public long TotalBytesProcessed { get; init; }
}
