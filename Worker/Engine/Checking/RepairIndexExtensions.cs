using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Maintenance;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Checking;

/// <summary>Making the index agree with the packs again. Source: repository format §18.</summary>
public static class RepairIndexExtensions
{
    /// <summary>Finds out where index and packs disagree. Changes nothing.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="readAllPacks">Whether to trust no index at all and read every pack's header.</param>
    /// <param name="heldLock">The exclusive lock under which the plan will be carried out.</param>
    /// <param name="progress">Called after each index file that can be read.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="PlanOutdatedException">The repository's version has changed since it was opened.</exception>
    public static Task<RepairIndexPlan> PlanRepairIndexAsync(
        this OpenRepository repository,
        bool readAllPacks,
        RepositoryLock heldLock,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    ) =>
        UnderLock.RunAsync(
            heldLock,
            LockMode.Exclusive,
            async token =>
            {
                if (
                    await Repository.StoredVersionAsync(repository, token) is var version
                    && version != repository.Version
                )
                {
                    // By the rules of the version before, packs written since would look damaged and be dropped.
                    throw new PlanOutdatedException(
                        repository.Backend.Location,
                        $"the repository was upgraded to version {version} while we waited for the lock"
                    );
                }

                var index = new RepositoryIndex();
                var unreadable = new List<IndexId>();
                var files = (await repository.Stored.NamesAsync(FileKind.Index, token)).ConvertAll(name => new IndexId(
                    name
                ));
                var counter = new StepCounter(progress, MaintenanceStep.ReadIndexes, files.Count);
                await IndexFiles.ReadAsync(
                    repository,
                    files,
                    (file, packs) =>
                    {
                        packs.ForEach(pack => index.Add(pack.Id, pack.Blobs));
                        index.AddFile(file);
                        counter.Next();
                    },
                    (file, _) => unreadable.Add(file),
                    token
                );
                var contents = new PackContents(index);
                var stored = await repository.Stored.PacksAsync(token);
                var missing = Enumerable
                    .Range(0, contents.PackCount)
                    .Select(contents.IdOf)
                    .Where(pack => !stored.ContainsKey(pack))
                    .ToList();
                var read = stored.Where(each =>
                    readAllPacks
                    || !contents.TryNumber(each.Key, out var number)
                    || contents.SizeOf(number) != each.Value
                );
                return new RepairIndexPlan(index, contents, heldLock)
                {
                    Unreadable = unreadable,
                    Missing = missing,
                    Read = [.. read.Select(each => (each.Key, each.Value))],
                };
            },
            cancellationToken
        );

    /// <summary>
    /// Reads headers, writes new index files, and then deletes the files that they replace and those that cannot be
    /// read.
    /// </summary>
    /// <remarks>A pack whose header cannot be read is left out of the index and stays in the store.</remarks>
    /// <param name="repository">The repository.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="heldLock">The exclusive lock under which the plan was made.</param>
    /// <param name="progress">Called after each header and each index file.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArgumentException">The plan was made under another lock.</exception>
    public static Task<RepairIndexResult> RepairIndexAsync(
        this OpenRepository repository,
        RepairIndexPlan plan,
        RepositoryLock heldLock,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (!ReferenceEquals(plan.HeldLock, heldLock))
        {
            throw new ArgumentException("The plan was made under another lock.", nameof(plan));
        }

        return UnderLock.RunAsync(
            heldLock,
            LockMode.Exclusive,
            async token =>
            {
                if (plan.IsEmpty)
                {
                    return new RepairIndexResult(0, 0, 0, []);
                }

                using var rewrite = new IndexRewrite(repository, heldLock, plan.Contents, progress);
                var damaged = await ReadHeadersAsync(repository, plan, rewrite, progress, token);
                rewrite.Replace(plan.Unreadable);
                await rewrite.ReplaceAsync(
                    plan.Index.Files,
                    new HashSet<PackId>([.. plan.Missing, .. plan.Read.Select(each => each.Pack)]),
                    token
                );
                await rewrite.FinishAsync(token);
                return new RepairIndexResult(
                    rewrite.Saved.Count,
                    rewrite.Deleted,
                    plan.Read.Count - damaged.Count,
                    damaged
                );
            },
            cancellationToken
        );
    }

    private static async Task<List<CheckFinding>> ReadHeadersAsync(
        OpenRepository repository,
        RepairIndexPlan plan,
        IndexRewrite rewrite,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var damaged = new List<CheckFinding>();
        var counter = new StepCounter(progress, MaintenanceStep.ReadPacks, plan.Read.Count);
        await Parallel.ForEachAsync(plan.Read, repository.Stored.Parallelism(cancellationToken), async (each, token) =>
        {
            var (entries, fault) = await TryReadAsync(repository, each.Pack, each.Size, token);
            if (entries is null)
            {
                // Once more: damage on the way is gone the second time.
                (entries, fault) = await TryReadAsync(repository, each.Pack, each.Size, token);
            }

            if (entries is not null)
            {
                await rewrite.AddAsync(new IndexedPack(each.Pack, entries), token);
            }
            else
            {
                lock (damaged)
                {
                    damaged.Add(
                        new CheckFinding(new FileHandle(FileKind.Pack, each.Pack.ToString()).ToString(), fault!)
                    );
                }
            }

            counter.Next();
        });
        return damaged;
    }

    private static async Task<(List<PackEntry>? Entries, string? Fault)> TryReadAsync(
        OpenRepository repository,
        PackId pack,
        long size,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (
                await PackReader.ReadHeaderAsync(
                    repository.Backend,
                    repository.Sealer,
                    repository.Version,
                    pack,
                    size,
                    cancellationToken
                ),
                null
            );
        }
        catch (Exception e) when (TreeReader.IsDamage(e))
        {
            return (null, e.Message);
        }
    }
}

/// <summary>Where index and packs disagree.</summary>
public sealed class RepairIndexPlan
{
    internal RepairIndexPlan(RepositoryIndex index, PackContents contents, RepositoryLock heldLock)
    {
        Index = index;
        Contents = contents;
        HeldLock = heldLock;
    }

    /// <summary>Index files that cannot be read. They are deleted.</summary>
    public required IReadOnlyList<IndexId> Unreadable { get; init; }

    /// <summary>Packs that an index names and the store lacks. The new index does not name them.</summary>
    public required IReadOnlyList<PackId> Missing { get; init; }

    /// <summary>Packs whose headers are read, with their sizes: no index names them, or it says another size.</summary>
    public required IReadOnlyList<(PackId Pack, long Size)> Read { get; init; }

    /// <summary>Whether index and packs agree.</summary>
    public bool IsEmpty => Unreadable.Count + Missing.Count + Read.Count == 0;

    internal RepositoryIndex Index { get; }

    internal PackContents Contents { get; }

    internal RepositoryLock HeldLock { get; }
}

/// <summary>The result of a repair of the index.</summary>
/// <param name="IndexesSaved">New index files.</param>
/// <param name="IndexesDeleted">Index files that they replaced, and unreadable ones.</param>
/// <param name="PacksRead">Packs that were indexed by their headers.</param>
/// <param name="Damaged">
/// Packs whose header cannot be read; no index names them any more, and a prune would delete them.
/// </param>
public sealed record RepairIndexResult(
    int IndexesSaved,
    int IndexesDeleted,
    int PacksRead,
    IReadOnlyList<CheckFinding> Damaged
);
