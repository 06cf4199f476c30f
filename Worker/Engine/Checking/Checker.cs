using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Maintenance;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Engine.Checking;

/// <summary>
/// One check: keys, indexes, packs, snapshots and trees, contents of packs. Source: repository format §18.
/// </summary>
internal sealed class Checker(OpenRepository repository, CheckOptions options, IProgress<MaintenanceProgress>? progress)
{
    private readonly CheckFindings _findings = new();

    public async Task<CheckReport> RunAsync(CancellationToken cancellationToken)
    {
        await CheckKeysAsync(cancellationToken);
        var indexed = await LoadIndexesAsync(cancellationToken);
        var contents = new PackContents(indexed.Index);
        var stored = await repository.Stored.PacksAsync(cancellationToken);
        var sound = ComparePacks(contents, stored);
        var snapshots = await repository.SnapshotsAsync(
            SnapshotFilter.All,
            (id, fault) => _findings.Error(Handle(id), fault),
            cancellationToken
        );
        var reachable = new ReachableBlobs(indexed, (pack, oddity) =>
            _findings.Hint(
                new FileHandle(FileKind.Pack, pack.ToString()),
                $"{oddity}; dump gives it out, and fails at its end. Old versions of restic stored files so that "
                    + "changed meanwhile"
            )
        );
        await reachable.MarkAsync(
            snapshots,
            (snapshot, fault) => _findings.Error(Handle(snapshot.Id), fault),
            progress,
            cancellationToken
        );
        var read = options.ReadData.Choose(sound, Random.Shared);
        await ReadPacksAsync(read, contents, cancellationToken);
        return new CheckReport
        {
            Errors = _findings.Errors,
            Hints = _findings.Hints,
            UnreferencedPacks =
            [
                .. stored
                    .Keys.Where(pack => !contents.TryNumber(pack, out _))
                    .Select(pack => pack.ToString())
                    .Order(StringComparer.Ordinal),
            ],
            Snapshots = snapshots.Count,
            Trees = reachable.Trees,
            Packs = contents.PackCount,
            PacksRead = read.Count,
            BytesRead = read.Sum(pack => pack.Size),
        };
    }

    private async Task CheckKeysAsync(CancellationToken cancellationToken)
    {
        foreach (var key in await repository.KeysAsync(cancellationToken))
        {
            if (key.Fault is { } fault)
            {
                _findings.Error(new FileHandle(FileKind.Key, key.Id), fault);
            }
        }
    }

    private async Task<IndexedRepository> LoadIndexesAsync(CancellationToken cancellationToken)
    {
        var index = new RepositoryIndex();
        var seen = new Dictionary<PackId, (IndexId File, long Content)>();
        var files = (await repository.Stored.NamesAsync(FileKind.Index, cancellationToken)).ConvertAll(
            name => new IndexId(name)
        );
        var counter = new StepCounter(progress, MaintenanceStep.ReadIndexes, files.Count);
        await IndexFiles.ReadAsync(
            repository,
            files,
            (file, packs) =>
            {
                packs.ForEach(pack => Add(file, pack));
                index.AddFile(file);
                counter.Next();
            },
            (file, fault) =>
                _findings.Error(new FileHandle(FileKind.Index, file.ToString()), $"{fault}; run repair index"),
            cancellationToken
        );
        return new IndexedRepository(repository, index);

        void Add(IndexId file, IndexedPack pack)
        {
            // The order of the entries plays no part.
            var content = pack.Blobs.Aggregate(0L, (sum, entry) => sum + entry.GetHashCode());
            if (!seen.TryAdd(pack.Id, (file, content)))
            {
                var other = seen[pack.Id];
                var handle = new FileHandle(FileKind.Pack, pack.Id.ToString());
                if (other.Content == content)
                {
                    _findings.Hint(handle, $"it is in several indexes: {other.File} and {file}");
                }
                else
                {
                    _findings.Error(
                        handle,
                        $"index {other.File} and index {file} say different things of it; run repair index"
                    );
                }
            }

            index.Add(pack.Id, pack.Blobs);
        }
    }

    /// <summary>
    /// Compares the packs of the index with those of the store, and returns those that are worth reading.
    /// </summary>
    private List<(PackId Pack, long Size)> ComparePacks(PackContents contents, Dictionary<PackId, long> stored)
    {
        var sound = new List<(PackId Pack, long Size)>();
        for (var i = 0; i < contents.PackCount; i++)
        {
            var pack = contents.IdOf(i);
            var handle = new FileHandle(FileKind.Pack, pack.ToString());
            var entries = contents.Of(i);
            var expected = Packing.PackHeader.PackSize(entries.Select(each => each.Entry));
            if (!stored.TryGetValue(pack, out var size))
            {
                _findings.Error(handle, "the index names it, but it is not in the store");
            }
            else if (size != expected)
            {
                _findings.Error(handle, $"it has {size} bytes, but by the index it should have {expected}");
            }
            else
            {
                sound.Add((pack, size));
                if (!IsWithoutGaps(entries))
                {
                    _findings.Error(
                        handle,
                        "the index does not place its blobs one behind the other; run repair index and have it read "
                            + "all packs"
                    );
                }
            }

            if (entries.Exists(each => each.Entry.Blob.Type != entries[0].Entry.Blob.Type))
            {
                _findings.Hint(handle, "it mixes data and trees, as old versions of restic did");
            }
        }

        return sound;
    }

    private static bool IsWithoutGaps(List<(int Number, Packing.PackEntry Entry)> entries)
    {
        long end = 0;
        return entries.TrueForAll(each =>
        {
            var start = end;
            end += each.Entry.Length;
            return each.Entry.Offset == start;
        });
    }

    private async Task ReadPacksAsync(
        IReadOnlyList<(PackId Pack, long Size)> packs,
        PackContents contents,
        CancellationToken cancellationToken
    )
    {
        var counter = new StepCounter(progress, MaintenanceStep.ReadPacks, packs.Count);
        var parallel = repository.Stored.Parallelism(cancellationToken);
        parallel.MaxDegreeOfParallelism = Math.Min(parallel.MaxDegreeOfParallelism, Environment.ProcessorCount);
        var proof = new PackProof(repository);
        await Parallel.ForEachAsync(packs, parallel, async (pack, token) =>
        {
            contents.TryNumber(pack.Pack, out var number);
            var fault = await proof.FaultOfAsync(
                pack.Pack,
                pack.Size,
                [.. contents.Of(number).Select(each => each.Entry)],
                token
            );
            if (fault is not null)
            {
                _findings.Error(new FileHandle(FileKind.Pack, pack.Pack.ToString()), fault);
            }

            counter.Next();
        });
    }

    private static FileHandle Handle(SnapshotId snapshot) => new(FileKind.Snapshot, snapshot.ToString());
}
