using System.Text;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Engine.Repositories;

namespace Granary.Engine.Restoring;

/// <summary>Reading a file of a snapshot back.</summary>
public static class DumpExtensions
{
    /// <summary>Writes one file of a snapshot to a stream, verified blob by blob.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="path">The file's path in it: <c>/db.sql</c>; the leading slash may be missing.</param>
    /// <param name="destination">
    /// Where the bytes go. Flushed, not disposed. Nothing is written if it is clear from the start that something is
    /// missing.
    /// </param>
    /// <param name="options">How much runs at once.</param>
    /// <param name="progress">Called after each chunk.</param>
    /// <param name="cancellationToken">Stops the dump.</param>
    /// <exception cref="PathNotFoundException">There is no such file in the snapshot, or it is not a file.</exception>
    /// <exception cref="MissingBlobException">The index does not know one of the file's blobs.</exception>
    /// <exception cref="DamagedPackException">A blob cannot be read from any place the index knows.</exception>
    /// <exception cref="DamagedFileException">The sizes of the blobs do not add up to the recorded size.</exception>
    public static async Task<DumpResult> DumpAsync(
        this IndexedRepository repository,
        Snapshot snapshot,
        string path,
        Stream destination,
        DumpOptions options,
        IProgress<DumpProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var file = await FindFileAsync(repository, snapshot, path, cancellationToken);
        return await new FileDumper(repository, options).RunAsync(file, path, destination, progress, cancellationToken);
    }

    private static async Task<TreeNode> FindFileAsync(
        IndexedRepository repository,
        Snapshot snapshot,
        string path,
        CancellationToken cancellationToken
    )
    {
        var neededBy = $"snapshot {snapshot.Id.Short}";
        BlobId? tree = snapshot.Record.Tree;
        TreeNode? found = null;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var nodes = tree is { } id
                ? await repository.Trees.ReadAsync(id, neededBy, cancellationToken)
                : throw new PathNotFoundException(snapshot.Id.Short, path, "a part of the path is not a directory");
            var name = Encoding.UTF8.GetBytes(part);
            found = nodes.Find(node => node.Name.AsSpan().SequenceEqual(name))
                ?? throw new PathNotFoundException(snapshot.Id.Short, path, "there is no such file");
            tree = found.Subtree;
        }

        return found?.Type == TreeNode.File
            ? found
            : throw new PathNotFoundException(snapshot.Id.Short, path, "it is not a file");
    }
}
