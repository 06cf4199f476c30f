using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Granary.Engine.Crypto;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Engine.Records;
using Granary.Engine.Repositories;

namespace Granary.Engine.Maintenance;

/// <summary>How snapshots are measured. Source: repository format §18.</summary>
public enum StatsMode
{
    /// <summary>
    /// The bytes that a restore of each snapshot takes. Hard links count each time, as their numbers are not read.
    /// </summary>
    RestoreSize,

    /// <summary>Files with the same chunks count once.</summary>
    FilesByContents,

    /// <summary>Each chunk counts once for each path that has it.</summary>
    BlobsPerFile,

    /// <summary>Each blob counts once, as long as it is stored.</summary>
    RawData,
}

/// <summary>A measurement.</summary>
public sealed record RepositoryStats
{
    /// <summary>Bytes, counted as the mode says.</summary>
    public long TotalSize { get; init; }

    /// <summary>Bytes that the blobs would take without compression; only for raw data in version 2.</summary>
    public long? TotalUncompressedSize { get; init; }

    /// <summary>Uncompressed by compressed size, of the blobs that are compressed.</summary>
    public double? CompressionRatio { get; init; }

    /// <summary>Percentage of the uncompressed bytes that is stored compressed.</summary>
    public double? CompressionProgress { get; init; }

    /// <summary>Percentage of the uncompressed bytes that compression saves.</summary>
    public double? CompressionSpaceSaving { get; init; }

    /// <summary>Files, where the mode counts files.</summary>
    public long TotalFileCount { get; init; }

    /// <summary>Blobs, where the mode counts blobs.</summary>
    public long TotalBlobCount { get; init; }

    /// <summary>Snapshots measured.</summary>
    public int SnapshotsCount { get; init; }
}

/// <summary>Measuring snapshots.</summary>
public static class StatsExtensions
{
    /// <summary>Measures snapshots.</summary>
    /// <remarks>
    /// Memory: a bit for each blob for raw data, 50 bytes for each file by contents, about 100 for each chunk per file.
    /// </remarks>
    /// <param name="indexed">The repository.</param>
    /// <param name="snapshots">The snapshots, listed before the index was loaded.</param>
    /// <param name="mode">The things to count.</param>
    /// <param name="progress">Called after each snapshot.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="RepositoryException">A tree is missing or damaged.</exception>
    public static async Task<RepositoryStats> StatsAsync(
        this IndexedRepository indexed,
        IReadOnlyList<Snapshot> snapshots,
        StatsMode mode,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(snapshots);
        if (mode == StatsMode.RawData)
        {
            return await RawDataAsync(indexed, snapshots, progress, cancellationToken);
        }

        var count = new FileCount(mode, indexed.Index);
        var counter = new StepCounter(progress, MaintenanceStep.WalkSnapshots, snapshots.Count);
        foreach (var snapshot in snapshots)
        {
            await foreach (var (path, node) in indexed.WalkAsync(snapshot, cancellationToken))
            {
                count.Add(path, node);
            }

            counter.Next();
        }

        return count.Stats with
        {
            SnapshotsCount = snapshots.Count,
        };
    }

    private static async Task<RepositoryStats> RawDataAsync(
        IndexedRepository indexed,
        IReadOnlyList<Snapshot> snapshots,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var reachable = new ReachableBlobs(indexed);
        await reachable.MarkAsync(
            snapshots,
            (_, fault) => ExceptionDispatchInfo.Throw(fault),
            progress,
            cancellationToken
        );
        long blobs = 0,
            size = 0,
            uncompressed = 0,
            compressedSize = 0,
            compressedPlain = 0;
        foreach (var type in (BlobType[])[BlobType.Tree, BlobType.Data])
        {
            for (var number = 0; number < indexed.Index.EntryCount(type); number++)
            {
                if (!reachable.Contains(type, number))
                {
                    continue;
                }

                var entry = indexed.Index.EntryAt(type, number).Entry;
                blobs++;
                size += entry.Length;
                uncompressed += entry.PlaintextLength + Sealer.Overhead;
                compressedSize += entry.IsCompressed ? entry.Length : 0;
                compressedPlain += entry.IsCompressed ? entry.PlaintextLength + Sealer.Overhead : 0;
            }
        }

        var stats = new RepositoryStats
        {
            TotalSize = size,
            TotalBlobCount = blobs,
            SnapshotsCount = snapshots.Count,
        };
        return indexed.Repository.Version < 2
            ? stats
            : stats with
            {
                TotalUncompressedSize = uncompressed,
                CompressionRatio = compressedSize == 0 ? null : (double)compressedPlain / compressedSize,
                CompressionProgress = uncompressed == 0 ? null : 100.0 * compressedPlain / uncompressed,
                CompressionSpaceSaving = uncompressed == 0 ? null : 100 * (1 - ((double)size / uncompressed)),
            };
    }

    private sealed class FileCount(StatsMode mode, RepositoryIndex index)
    {
        private readonly HashSet<Sha256Id> _contents = [];
        private readonly Dictionary<string, HashSet<Sha256Id>> _blobs = new(StringComparer.Ordinal);

        public RepositoryStats Stats { get; private set; } = new();

        public void Add(string path, TreeNode node)
        {
            if (mode == StatsMode.RestoreSize)
            {
                Stats = Stats with
                {
                    TotalFileCount = Stats.TotalFileCount + 1,
                    TotalSize = Stats.TotalSize + (long)node.Size,
                };
            }
            else if (node.Type == TreeNode.File && _contents.Add(ContentsOf(node)))
            {
                if (mode == StatsMode.FilesByContents)
                {
                    Stats = Stats with
                    {
                        TotalFileCount = Stats.TotalFileCount + 1,
                        TotalSize = Stats.TotalSize + (long)node.Size,
                    };
                }
                else
                {
                    AddBlobs(path, node);
                }
            }
        }

        private void AddBlobs(string path, TreeNode node)
        {
            for (var i = 0; i < node.Content?.Count; i++)
            {
                if (!_blobs.TryGetValue(path, out var known))
                {
                    _blobs.Add(path, known = []);
                    Stats = Stats with { TotalFileCount = Stats.TotalFileCount + 1 };
                }

                if (known.Add(node.Content[i]))
                {
                    var blob = new BlobHandle(BlobType.Data, new BlobId(node.Content[i]));
                    var length = index.TryFind(blob, out var place)
                        ? place.Entry.PlaintextLength
                        : throw new MissingBlobException(blob.ToString(), path);
                    Stats = Stats with
                    {
                        TotalBlobCount = Stats.TotalBlobCount + 1,
                        TotalSize = Stats.TotalSize + length,
                    };
                }
            }
        }

        private static Sha256Id ContentsOf(TreeNode node)
        {
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> id = stackalloc byte[Sha256Id.Size];
            for (var i = 0; i < node.Content?.Count; i++)
            {
                node.Content[i].CopyTo(id);
                sha.AppendData(id);
            }

            sha.GetHashAndReset(id);
            return new Sha256Id(id);
        }
    }
}
