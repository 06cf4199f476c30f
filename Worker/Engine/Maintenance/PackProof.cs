using System.Buffers;
using Granary.Engine.Ids;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Engine.Maintenance;

/// <summary>Reads a whole pack and proves it: its hash, its header, and every blob down to its hash. Source: repository format §18.</summary>
internal static class PackProof
{
    // Damage on the way is gone the second time; damage at rest is not.
    private const int Attempts = 2;
    private const int ShownFaults = 5;

    /// <summary>What is wrong with a pack, or null.</summary>
    public static async Task<string?> FaultOfAsync(
        OpenRepository repository, PackId pack, long size, IReadOnlyList<PackEntry> indexed, CancellationToken cancellationToken)
    {
        if (size > Array.MaxLength)
        {
            return $"{size} bytes are too many to be read at once";
        }

        var content = ArrayPool<byte>.Shared.Rent((int)size);
        try
        {
            var faults = new List<string>();
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                faults = await FaultsAsync(repository, pack, content.AsMemory(0, (int)size), indexed, cancellationToken);
                if (faults.Count == 0)
                {
                    return null;
                }
            }

            var more = faults.Count > ShownFaults ? $"; and {faults.Count - ShownFaults} more" : "";
            return string.Join("; ", faults.Take(ShownFaults)) + more;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    private static async Task<List<string>> FaultsAsync(
        OpenRepository repository, PackId pack, Memory<byte> content, IReadOnlyList<PackEntry> indexed, CancellationToken cancellationToken)
    {
        try
        {
            await repository.Backend.ReadAsync(new FileHandle(FileKind.Pack, pack.ToString()), 0, content, cancellationToken);
        }
        catch (StorageException exception) when (exception.Error is StorageError.NotFound or StorageError.Truncated)
        {
            return [exception.Message];
        }

        var faults = new List<string>();
        if (Sha256Id.Of(content.Span) != pack.Hash)
        {
            faults.Add("its content does not have the hash that is its name");
        }

        CompareHeader(repository, pack, content.Span, indexed, faults);
        OpenBlobs(repository, content.Span, indexed, faults, cancellationToken);
        return faults;
    }

    // The header places blobs without gaps from 0 on, so equality with it proves that of the index too.
    private static void CompareHeader(
        OpenRepository repository, PackId pack, ReadOnlySpan<byte> content, IReadOnlyList<PackEntry> indexed, List<string> faults)
    {
        try
        {
            var header = PackReader.ReadHeader(repository.Sealer, repository.Version, pack, content);
            if (!header.ToHashSet().SetEquals(indexed))
            {
                faults.Add("its header and the index say different things of it; run repair index");
            }
        }
        catch (DamagedPackException exception)
        {
            faults.Add(exception.Message);
        }
    }

    private static void OpenBlobs(
        OpenRepository repository, ReadOnlySpan<byte> content, IReadOnlyList<PackEntry> indexed, List<string> faults, CancellationToken cancellationToken)
    {
        var chunks = repository.Buffers.Chunks;
        using var codec = new BlobCodec(repository.Sealer, chunks, level: 1);
        var buffer = chunks.RentLargest();
        try
        {
            foreach (var entry in indexed)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (entry.Offset + (long)entry.Length > content.Length)
                {
                    faults.Add($"{entry.Blob} lies beyond its end");
                    continue;
                }

                var length = (int)entry.PlaintextLength;
                var plaintext = length <= buffer.Length ? buffer.AsSpan(0, length) : new byte[length];
                var fault = codec.Open(content.Slice((int)entry.Offset, (int)entry.Length), entry.UncompressedLength, entry.Blob.Id, plaintext);
                if (fault is not null)
                {
                    faults.Add($"{entry.Blob}: {fault}");
                }
            }
        }
        finally
        {
            chunks.Return(buffer);
        }
    }
}
