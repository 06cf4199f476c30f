using Granary.Engine.Ids;
using Granary.Engine.Records;

namespace Granary.Engine.Archiving;

/// <summary>How far a backup is. A value of its own, safe to keep.</summary>
/// <param name="BytesRead">Bytes read from all sources so far.</param>
/// <param name="BytesAdded">Plaintext bytes of blobs that were new.</param>
/// <param name="BytesStored">Bytes stored in packs for them.</param>
/// <param name="CurrentPath">The source being read.</param>
public readonly record struct BackupProgress(long BytesRead, long BytesAdded, long BytesStored, string CurrentPath);

/// <summary>A backup that exists.</summary>
/// <param name="SnapshotId">The snapshot's name.</param>
/// <param name="Record">The snapshot.</param>
/// <param name="Sources">The results of the sources, in their order.</param>
/// <param name="Duration">From start to the stored snapshot.</param>
public sealed record BackupResult(
    SnapshotId SnapshotId,
    SnapshotRecord Record,
    IReadOnlyList<SourceResult> Sources,
    TimeSpan Duration
)
{
    /// <summary>The snapshot's summary.</summary>
    public SnapshotSummary Summary => Record.Summary!; // The archiver always writes one.
}

/// <summary>The result of one source.</summary>
/// <param name="Path">The cleaned, absolute path in the snapshot.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Chunks">Chunks it was cut into.</param>
/// <param name="BytesAdded">Plaintext bytes that were new.</param>
/// <param name="BytesStored">Bytes stored in packs for them.</param>
/// <param name="Duration">From opening the source to its confirmed end.</param>
public sealed record SourceResult(
    string Path,
    long Size,
    long Chunks,
    long BytesAdded,
    long BytesStored,
    TimeSpan Duration
);
