using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Engine.Maintenance;

/// <summary>Reads index files one by one, damaged ones included, as check and repair must.</summary>
internal static class IndexFiles
{
    /// <summary>Reads the files in parallel and hands each whole file on.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="files">The files.</param>
    /// <param name="onRead">Called with the packs of each, by one thread at a time.</param>
    /// <param name="onDamaged">Called with the reason why a file cannot be read, by one thread at a time.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task ReadAsync(
        OpenRepository repository,
        IEnumerable<IndexId> files,
        Action<IndexId, List<IndexedPack>> onRead,
        Action<IndexId, string> onDamaged,
        CancellationToken cancellationToken
    )
    {
        var one = new Lock();
        await Parallel.ForEachAsync(files, repository.Stored.Parallelism(cancellationToken), async (file, token) =>
        {
            var packs = new List<IndexedPack>();
            var fault = await TryReadAsync(repository, file, packs, token);
            if (fault is not null)
            {
                // Once more: a reply that ended early says nothing about the file.
                packs.Clear();
                fault = await TryReadAsync(repository, file, packs, token);
            }

            lock (one)
            {
                if (fault is null)
                {
                    onRead(file, packs);
                }
                else
                {
                    onDamaged(file, fault);
                }
            }
        });
    }

    private static async Task<string?> TryReadAsync(
        OpenRepository repository,
        IndexId file,
        List<IndexedPack> packs,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await repository.Stored.LoadAsync(
                FileKind.Index,
                file.Hash,
                json => packs.AddRange(IndexJson.Read(repository.Version, json)),
                cancellationToken
            );
            return null;
        }
        catch (RepositoryException e)
        {
            return e.Message;
        }
        catch (StorageException e) when (e.Error is StorageError.NotFound or StorageError.Truncated)
        {
            return e.Message;
        }
    }
}
