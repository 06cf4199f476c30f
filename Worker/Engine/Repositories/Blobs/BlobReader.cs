using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Storage;

namespace Granary.Engine.Repositories.Blobs;

/// <summary>Reads single blobs back, from whichever of their places is sound.</summary>
internal sealed class BlobReader(OpenRepository repository, RepositoryIndex index)
{
    /// <summary>How much of a pack is best read with one request, bytes.</summary>
    public const int LongestRunBytes = 4 << 20;

    // Damage on the way is gone the second time; damage at rest is not.
    private const int Attempts = 2;

    /// <summary>Reads, opens, decompresses and verifies a blob.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="plaintext">Where it goes; exactly as long as it.</param>
    /// <param name="codec">The caller's tools.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MissingBlobException">No index names it.</exception>
    /// <exception cref="DamagedPackException">None of its places is readable.</exception>
    public async Task ReadAsync(
        BlobHandle blob,
        Memory<byte> plaintext,
        BlobCodec codec,
        CancellationToken cancellationToken
    )
    {
        var places = index.Find(blob);
        var fault = "";
        foreach (var place in places.Where(place => place.Entry.PlaintextLength == plaintext.Length))
        {
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                var found = await TryReadAsync(place, plaintext, codec, cancellationToken);
                if (found is null)
                {
                    return;
                }

                fault = found;
                repository.Logger.BlobUnreadable(blob.ToString(), place.Pack.ToString(), fault);
            }
        }

        throw places.Count == 0
            ? new MissingBlobException(blob.ToString(), "this operation")
            : new DamagedPackException(
                places[0].Pack.ToString(),
                $"{blob} cannot be read from any of {places.Count} places: {fault}"
            );
    }

    /// <summary>The fault of a blob at a place, or null.</summary>
    private async Task<string?> TryReadAsync(
        BlobLocation place,
        Memory<byte> plaintext,
        BlobCodec codec,
        CancellationToken cancellationToken
    )
    {
        var length = (int)place.Entry.Length;
        var buffer = repository.Buffers.Chunks.Rent(length);
        try
        {
            var @sealed = buffer.AsMemory(0, length);
            await repository.Backend.ReadAsync(
                new FileHandle(FileKind.Pack, place.Pack.ToString()),
                place.Entry.Offset,
                @sealed,
                cancellationToken
            );
            return codec.Open(@sealed.Span, place.Entry.UncompressedLength, place.Entry.Blob.Id, plaintext.Span);
        }
        catch (StorageException e) when (e.Error is StorageError.NotFound or StorageError.Truncated)
        {
            return e.Message;
        }
        finally
        {
            repository.Buffers.Chunks.Return(buffer);
        }
    }
}
