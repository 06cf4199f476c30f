using Granary.Engine.Repositories;

namespace Granary.Engine.Restoring;

/// <summary>Reading a file of a snapshot back.</summary>
public static class DumpExtensions
{
    /// <summary>Writes one file of a snapshot to a stream, verified blob by blob and by its size at the end.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="path">The file's path in it: <c>/db.sql</c>; the leading slash may be missing.</param>
    /// <param name="destination">Where the bytes go. Flushed, not disposed.</param>
    /// <param name="options">How much runs at once.</param>
    /// <param name="progress">Told after each chunk.</param>
    /// <param name="cancellationToken">Stops the dump.</param>
    /// <exception cref="PathNotFoundException">There is no such file in the snapshot, or it is not a file.</exception>
    /// <exception cref="DamagedPackException">A blob cannot be read from any place the index knows.</exception>
    /// <exception cref="DamagedFileException">The sizes of the blobs do not add up to the recorded size.</exception>
    public static Task<DumpResult> DumpAsync(
        this IndexedRepository repository,
        Snapshot snapshot,
        string path,
        Stream destination,
        DumpOptions options,
        IProgress<DumpProgress>? progress,
        CancellationToken cancellationToken) => throw new NotSupportedException();
}
