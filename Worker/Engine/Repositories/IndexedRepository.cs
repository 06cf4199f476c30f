using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Records;
using Granary.Storage;

namespace Granary.Engine.Repositories;

/// <summary>A repository whose index is in memory: blobs can be found, read and stored.</summary>
/// <remarks>
/// Memory: about 60 bytes for each blob in the repository and 100 for each pack. The size of a backup plays no part.
/// </remarks>
public sealed class IndexedRepository
{
    // Where a listing lacks more packs than this, it is not late; they are gone.
    private const int MostUnlisted = 1000;

    internal IndexedRepository(OpenRepository repository, RepositoryIndex index)
    {
        Repository = repository;
        Index = index;
        Trees = new TreeReader(repository, index);
    }

    /// <summary>The repository this is the index of.</summary>
    public OpenRepository Repository { get; }

    internal RepositoryIndex Index { get; }

    internal TreeReader Trees { get; }

    /// <summary>Every blob that the index names, once for each pack that holds it, in no order.</summary>
    public IEnumerable<(BlobHandle Blob, PackId Pack)> Blobs() =>
        Index.Entries().Select(place => (place.Entry.Blob, place.Pack));

    /// <summary>
    /// Walks a snapshot's directories and lists everything but the directories themselves, in order of path.
    /// </summary>
    /// <exception cref="RepositoryException">A tree is missing or damaged.</exception>
    public async IAsyncEnumerable<SnapshotFile> FilesAsync(
        Snapshot snapshot,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var (path, node) in WalkAsync(snapshot, cancellationToken))
        {
            if (node.Type != TreeNode.Directory)
            {
                yield return new SnapshotFile(path, node.Type, (long)node.Size, node.Content?.Count ?? 0);
            }
        }
    }

    /// <summary>
    /// Reads a snapshot and its trees back from the store. Every blob that they need must be in a stored index file,
    /// and in a pack that is stored in full length.
    /// </summary>
    /// <exception cref="RepositoryException">Something is missing or damaged.</exception>
    public async Task<SnapshotProof> VerifySnapshotAsync(SnapshotId snapshot, CancellationToken cancellationToken)
    {
        var stored = await Repository.SnapshotAsync(snapshot, cancellationToken);
        if (await Repository.FirstMissingIndexAsync(Index.Files, cancellationToken) is { } gone)
        {
            throw new DamagedFileException($"index/{gone}", "it has vanished from the store");
        }

        Index.DistrustUnsound(await StoredPacksAsync(cancellationToken));
        var (trees, fileCount, blobs, bytes) = (1, 0, 0L, 0L);
        var neededBy = $"snapshot {stored.Id.Short}";
        EnsureStored(new BlobHandle(BlobType.Tree, stored.Record.Tree), neededBy);
        await foreach (var (_, node) in WalkAsync(stored, cancellationToken))
        {
            if (node.Subtree is { } subtree)
            {
                EnsureStored(new BlobHandle(BlobType.Tree, subtree), neededBy);
                trees++;
                continue;
            }

            fileCount++;
            var size = EnsureContentStored(node, neededBy);
            if (node.Type == TreeNode.File && size != (long)node.Size)
            {
                throw new DamagedFileException(
                    neededBy,
                    $"{node.DisplayName} has {node.Size} bytes, but its blobs have {size}"
                );
            }

            blobs += node.Content?.Count ?? 0;
            bytes += size;
        }

        return new SnapshotProof(stored, trees, fileCount, blobs, bytes);
    }

    /// <summary>Every node of a snapshot with its absolute path, directories before their contents.</summary>
    internal async IAsyncEnumerable<(string Path, TreeNode Node)> WalkAsync(
        Snapshot snapshot,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var neededBy = $"snapshot {snapshot.Id.Short}";
        var open = new Stack<(string Path, TreeNode? Node, BlobId Tree)>();
        open.Push(("", null, snapshot.Record.Tree));
        while (open.TryPop(out var next))
        {
            if (next.Node is not null)
            {
                yield return (next.Path, next.Node);
                if (next.Node.Type != TreeNode.Directory)
                {
                    continue;
                }

                next.Tree = next.Node.Subtree
                    ?? throw new DamagedFileException(neededBy, $"directory {next.Path} has no tree");
            }

            var nodes = await Trees.ReadAsync(next.Tree, neededBy, cancellationToken);
            for (var i = nodes.Count - 1; i >= 0; i--)
            {
                open.Push(($"{next.Path}/{nodes[i].DisplayName}", nodes[i], default));
            }
        }
    }

    /// <summary>
    /// Lists packs and distrusts those that the store lacks or holds in another length than the index says. Returns how
    /// many those are.
    /// </summary>
    internal async Task<int> DistrustUnsoundPacksAsync(CancellationToken cancellationToken) =>
        Index.PackCount == 0 ? 0 : Index.DistrustUnsound(await Repository.Stored.PacksAsync(cancellationToken));

    // The listing, and those of the index's packs that it lacks but the store has: some stores list a new file late.
    private async Task<Dictionary<PackId, long>> StoredPacksAsync(CancellationToken cancellationToken)
    {
        var stored = await Repository.Stored.PacksAsync(cancellationToken);
        var late = new ConcurrentDictionary<PackId, long>();
        await Parallel.ForEachAsync(
            Index.PacksWithout(stored, MostUnlisted),
            Repository.Stored.Parallelism(cancellationToken),
            async (pack, token) =>
            {
                if (
                    await Repository.Backend.SizeAsync(new FileHandle(FileKind.Pack, pack.ToString()), token) is
                    { } size
                )
                {
                    late[pack] = size;
                }
            }
        );
        foreach (var (pack, size) in late)
        {
            stored[pack] = size;
        }

        return stored;
    }

    private long EnsureContentStored(TreeNode node, string neededBy)
    {
        long size = 0;
        for (var i = 0; i < node.Content?.Count; i++)
        {
            size += EnsureStored(new BlobHandle(BlobType.Data, new BlobId(node.Content[i])), neededBy);
        }

        return size;
    }

    private long EnsureStored(BlobHandle blob, string neededBy)
    {
        if (!Index.TryFind(blob, out var place))
        {
            throw new MissingBlobException(blob.ToString(), neededBy);
        }

        return !place.IsPackUnsound
            ? place.Entry.PlaintextLength
            : throw new DamagedPackException(
                place.Pack.ToString(),
                $"it is not in the store, or not in full, but {neededBy} needs its {blob}"
            );
    }
}

/// <summary>A file in a snapshot.</summary>
/// <param name="Path">Absolute, with slashes. Bytes that are not UTF-8 are shown as U+FFFD.</param>
/// <param name="Type">As stored: <c>file</c>, <c>symlink</c> …</param>
/// <param name="Size">Bytes.</param>
/// <param name="Blobs">How many chunks it has.</param>
public sealed record SnapshotFile(string Path, string Type, long Size, int Blobs);

/// <summary>The findings of a snapshot's verification.</summary>
/// <param name="Snapshot">The snapshot as read back.</param>
/// <param name="Trees">Trees read.</param>
/// <param name="Files">Files in them.</param>
/// <param name="Blobs">Chunks of those files, each found in a stored index and pack.</param>
/// <param name="Bytes">Sum of the chunks' lengths, equal to the files' sizes.</param>
public sealed record SnapshotProof(Snapshot Snapshot, int Trees, int Files, long Blobs, long Bytes);
