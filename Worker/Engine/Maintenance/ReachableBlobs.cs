using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Records;
using Granary.Engine.Repositories;

namespace Granary.Engine.Maintenance;

/// <summary>
/// Which blobs snapshots reach: one bit for each entry of the index, set on the first entry of a blob.
/// </summary>
/// <remarks>
/// Each tree is read once, however many snapshots share it. Up to four trees are in memory at a time.
/// </remarks>
/// <param name="indexed">The repository.</param>
/// <param name="onOddity">
/// Called for each file whose chunks have another length than the file says, with the pack of its tree, its name and
/// its lengths. One thread calls at a time. Null: lengths are not compared. It is no fault: restic before 0.9 wrote
/// such trees of files that changed while they were read.
/// </param>
internal sealed class ReachableBlobs(IndexedRepository indexed, Action<PackId, string>? onOddity = null)
{
    private const int TreesAtOnce = 4;

    private static readonly HashSet<string> Types =
    [
        "file",
        "dir",
        "symlink",
        "dev",
        "chardev",
        "fifo",
        "socket",
        "irregular",
    ];

    private readonly EntrySet _marked = new(indexed.Index);
    private long _trees;

    /// <summary>Trees read so far.</summary>
    public long Trees => Volatile.Read(ref _trees);

    /// <summary>Whether the blob with this first entry is reached.</summary>
    public bool Contains(BlobType type, int firstNumber) => _marked.Contains(type, firstNumber);

    /// <summary>Walks snapshots and marks all they reach.</summary>
    /// <param name="snapshots">The snapshots.</param>
    /// <param name="onFault">
    /// Called for everything missing, damaged or impossible, by one thread at a time. An exception that it throws ends
    /// the walk.
    /// </param>
    /// <param name="progress">Called after each snapshot.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task MarkAsync(
        IReadOnlyList<Snapshot> snapshots,
        Action<Snapshot, RepositoryException> onFault,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var counter = new StepCounter(progress, MaintenanceStep.WalkSnapshots, snapshots.Count);
        var parallel = indexed.Repository.Stored.Parallelism(cancellationToken);
        parallel.MaxDegreeOfParallelism = Math.Min(parallel.MaxDegreeOfParallelism, TreesAtOnce);
        await Parallel.ForEachAsync(snapshots, parallel, async (snapshot, token) =>
        {
            await MarkAsync(
                snapshot,
                fault =>
                {
                    lock (_marked)
                    {
                        onFault(snapshot, fault);
                    }
                },
                token
            );
            counter.Next();
        });
    }

    private async Task MarkAsync(
        Snapshot snapshot,
        Action<RepositoryException> onFault,
        CancellationToken cancellationToken
    )
    {
        var neededBy = $"snapshot {snapshot.Id.Short}";
        var open = new Stack<BlobId>([snapshot.Record.Tree]);
        while (open.TryPop(out var tree))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryMark(new BlobHandle(BlobType.Tree, tree), neededBy, onFault))
            {
                continue;
            }

            List<TreeNode> nodes;
            try
            {
                nodes = await indexed.Trees.ReadAsync(tree, neededBy, cancellationToken);
                Interlocked.Increment(ref _trees);
            }
            catch (RepositoryException e)
            {
                onFault(e);
                continue;
            }

            foreach (var node in nodes)
            {
                Visit(node, tree, neededBy, onFault);
                if (node.Subtree is { } subtree)
                {
                    open.Push(subtree);
                }
            }
        }
    }

    private void Visit(TreeNode node, BlobId tree, string neededBy, Action<RepositoryException> onFault)
    {
        if (FaultOf(node) is { } fault)
        {
            onFault(
                new DamagedPackException(
                    PackOf(tree)?.ToString() ?? tree.ToString(),
                    $"tree {tree}, needed by {neededBy}: '{node.DisplayName}' {fault}"
                )
            );
        }
        else if (
            onOddity is not null
            && node.Type == TreeNode.File
            && LengthOf(node) is { } length
            && length != (long)node.Size
        )
        {
            lock (_marked)
            {
                onOddity(
                    PackOf(tree)!.Value,
                    $"'{node.DisplayName}' in tree {tree} has {node.Size} bytes, but its chunks have {length}"
                );
            }
        }

        for (var i = 0; i < node.Content?.Count; i++)
        {
            TryMark(new BlobHandle(BlobType.Data, new BlobId(node.Content[i])), neededBy, onFault);
        }
    }

    private PackId? PackOf(BlobId tree) =>
        indexed.Index.TryFind(new BlobHandle(BlobType.Tree, tree), out var place) ? place.Pack : null;

    // Null where a chunk is in no index, which is a fault of its own.
    private long? LengthOf(TreeNode node)
    {
        long length = 0;
        for (var i = 0; i < node.Content?.Count; i++)
        {
            if (!indexed.Index.TryFind(new BlobHandle(BlobType.Data, new BlobId(node.Content[i])), out var place))
            {
                return null;
            }

            length += place.Entry.PlaintextLength;
        }

        return length;
    }

    private static string? FaultOf(TreeNode node) =>
        node.Name.Length == 0 ? "has no name"
        : !Types.Contains(node.Type) ? $"has the unknown type '{node.Type}'"
        : node.Type == TreeNode.File && node.Content is null ? "is a file without a list of chunks"
        : node.Type == TreeNode.Directory && node.Subtree is null ? "is a directory without a tree"
        : null;

    /// <summary>Marks a blob; false if it was marked before or is in no index.</summary>
    private bool TryMark(BlobHandle blob, string neededBy, Action<RepositoryException> onFault)
    {
        var cursor = -1;
        if (indexed.Index.TryNextNumber(blob, ref cursor, out var number))
        {
            return _marked.Add(blob.Type, number);
        }

        onFault(new MissingBlobException(blob.ToString(), neededBy));
        return false;
    }
}
