using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Engine.Records;
using Granary.Engine.Repositories.Files;
using Granary.Storage;

namespace Granary.Engine.Repositories;

/// <summary>Reads tree blobs back, from whichever of their places is sound.</summary>
internal sealed class TreeReader(OpenRepository repository, RepositoryIndex index)
{
    // Damage on the way is gone the second time; damage at rest is not.
    private const int Attempts = 2;

    /// <summary>Reads a tree.</summary>
    /// <param name="id">The tree.</param>
    /// <param name="neededBy">The thing that needs it, for the message.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MissingBlobException">No index names it.</exception>
    /// <exception cref="DamagedPackException">None of its places is readable.</exception>
    public async Task<List<TreeNode>> ReadAsync(BlobId id, string neededBy, CancellationToken cancellationToken)
    {
        var blob = new BlobHandle(BlobType.Tree, id);
        var places = index.Find(blob);
        if (places.Count == 0)
        {
            throw new MissingBlobException(blob.ToString(), neededBy);
        }

        Exception? last = null;
        foreach (var place in places)
        {
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                try
                {
                    return await ReadAsync(place, cancellationToken);
                }
                catch (Exception e) when (IsDamage(e))
                {
                    repository.Logger.BlobUnreadable(blob.ToString(), place.Pack.ToString(), e.Message);
                    last = e;
                }
            }
        }

        throw new DamagedPackException(
            places[0].Pack.ToString(),
            $"tree {id}, needed by {neededBy}, cannot be read from any of {places.Count} places",
            last
        );
    }

    /// <summary>Whether an exception means that another place, or another attempt, may help.</summary>
    public static bool IsDamage(Exception exception) =>
        exception
            is DamagedPackException
                or StorageException { Error: StorageError.NotFound or StorageError.Truncated };

    private async Task<List<TreeNode>> ReadAsync(BlobLocation place, CancellationToken cancellationToken)
    {
        using var @sealed = new SegmentedBuffer(repository.Buffers.Segments);
        await FetchAsync(place, @sealed, cancellationToken);
        if (!LargeBlob.IsAuthentic(repository.Sealer, @sealed))
        {
            throw new DamagedPackException(place.Pack.ToString(), $"the seal of {place.Entry.Blob} is broken");
        }

        try
        {
            using var json = new HashingReader(LargeBlob.Open(repository.Sealer, @sealed, place.Entry.IsCompressed));
            var nodes = TreeJson.Read(json);
            return json.ToEnd() == place.Entry.Blob.Id.Hash
                ? nodes
                : throw new DamagedPackException(place.Pack.ToString(), $"{place.Entry.Blob} has another hash");
        }
        catch (Exception e) when (UnpackedFiles.IsAboutContent(e))
        {
            throw new DamagedPackException(place.Pack.ToString(), $"{place.Entry.Blob} is not a tree: {e.Message}", e);
        }
    }

    private async Task FetchAsync(BlobLocation place, SegmentedBuffer destination, CancellationToken cancellationToken)
    {
        var handle = new FileHandle(FileKind.Pack, place.Pack.ToString());
        while (destination.Length < place.Entry.Length)
        {
            var free = destination.Free();
            var part = free[..(int)Math.Min(free.Length, place.Entry.Length - destination.Length)];
            await repository.Backend.ReadAsync(
                handle,
                place.Entry.Offset + destination.Length,
                part,
                cancellationToken
            );
            destination.Advance(part.Length);
        }
    }
}
