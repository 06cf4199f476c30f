using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Repositories.Files;
using Granary.Storage;

namespace Granary.Engine.Repositories;

/// <summary>Reads the index files of a repository. Source: repository format §7.</summary>
internal sealed class IndexLoader(StoredFiles files)
{
    /// <summary>
    /// Reads every index file. Find snapshots first: one that is seen is then certainly covered by the index.
    /// </summary>
    /// <exception cref="DamagedFileException">An index file is damaged.</exception>
    public async Task<RepositoryIndex> LoadAsync(CancellationToken cancellationToken)
    {
        // A file that vanishes between listing and reading was replaced by a prune, so that the listing is out of date
        // as a whole.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadAsync(cancellationToken);
            }
            catch (StorageException e) when (e.Error == StorageError.NotFound && attempt < 3)
            {
                files.Logger.ReadAgain("index");
            }
        }
    }

    /// <summary>
    /// Which of the files that were saved the store holds. One that a listing does not show is asked for by its name:
    /// some stores list a new file late.
    /// </summary>
    /// <returns>The first that is not there, or null.</returns>
    public async Task<IndexId?> FirstMissingAsync(IEnumerable<IndexId> saved, CancellationToken cancellationToken)
    {
        var listed = (await files.NamesAsync(FileKind.Index, cancellationToken)).ToHashSet();
        foreach (var file in saved.Where(file => !listed.Contains(file.Hash)))
        {
            if (
                await files.Backend.SizeAsync(new FileHandle(FileKind.Index, file.ToString()), cancellationToken)
                is null
            )
            {
                return file;
            }
        }

        return null;
    }

    private async Task<RepositoryIndex> ReadAsync(CancellationToken cancellationToken)
    {
        var names = await files.NamesAsync(FileKind.Index, cancellationToken);
        var index = new RepositoryIndex();
        await Parallel.ForEachAsync(names, files.Parallelism(cancellationToken), async (name, token) =>
        {
            try
            {
                await files.LoadAsync(
                    FileKind.Index,
                    name,
                    json =>
                    {
                        foreach (var pack in IndexJson.Read(files.Version, json))
                        {
                            index.Add(pack.Id, pack.Blobs);
                        }
                    },
                    token
                );
            }
            catch (DamagedFileException e)
            {
                throw new DamagedFileException(e.File, $"{e.Reason}; run repair index", e);
            }

            index.AddFile(new IndexId(name));
        });
        files.Logger.IndexLoaded(
            names.Count,
            index.EntryCount(BlobType.Data) + index.EntryCount(BlobType.Tree),
            index.PackCount
        );
        return index;
    }
}
