using Granary.Engine.Ids;
using Granary.Engine.Records;

namespace Granary.Engine.Repositories;

/// <summary>A repository whose index is in memory: blobs can be found, read and stored.</summary>
/// <remarks>Memory: about 60 bytes for each distinct blob, and as much for each pack.</remarks>
public sealed class IndexedRepository
{
    internal IndexedRepository(OpenRepository repository) => Repository = repository;

    /// <summary>The repository this is the index of.</summary>
    public OpenRepository Repository { get; }

    /// <summary>Walks a snapshot's directories and lists everything but the directories themselves, in order of path.</summary>
    public IAsyncEnumerable<SnapshotFile> FilesAsync(Snapshot snapshot, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>
    /// Reads a snapshot and its trees back from the store, and checks that every blob they need is in an index file that is stored there,
    /// in a pack that is stored there.
    /// </summary>
    /// <exception cref="RepositoryException">Something is missing or damaged.</exception>
    public Task<SnapshotProof> VerifySnapshotAsync(SnapshotId snapshot, CancellationToken cancellationToken) => throw new NotSupportedException();
}

/// <summary>A file in a snapshot.</summary>
/// <param name="Path">Absolute, with slashes. Bytes that are not UTF-8 are shown as U+FFFD.</param>
/// <param name="Type">As stored: <c>file</c>, <c>symlink</c> …</param>
/// <param name="Size">Bytes.</param>
/// <param name="Blobs">How many chunks it has.</param>
public sealed record SnapshotFile(string Path, string Type, long Size, int Blobs);

/// <summary>What was seen while a snapshot was verified.</summary>
/// <param name="Snapshot">The snapshot as read back.</param>
/// <param name="Trees">Trees read.</param>
/// <param name="Files">Files in them.</param>
/// <param name="Blobs">Distinct blobs found in stored indexes and packs.</param>
/// <param name="Bytes">Sum of the file sizes.</param>
public sealed record SnapshotProof(Snapshot Snapshot, int Trees, int Files, long Blobs, long Bytes);
