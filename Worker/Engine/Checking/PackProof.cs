using System.Collections.Concurrent;
using Granary.Engine.Ids;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Engine.Checking;

/// <summary>
/// Reads whole packs and proves them: their hash, their header, and every blob down to its hash. Source: repository
/// format §18.
/// </summary>
/// <remarks>Safe for concurrent use. Memory: the largest packs, as many as are proven at once.</remarks>
internal sealed class PackProof(OpenRepository repository)
{
    // Damage on the way is gone the second time; damage at rest is not.
    private const int Attempts = 2;
    private const int ShownFaults = 5;

    // A buffer serves packs of about one size: of the default size they have 16 to 24 MiB.
    private const int StepBytes = 24 << 20;

    private readonly ConcurrentStack<byte[]> _buffers = new();

    /// <summary>The fault of a pack, or null.</summary>
    public async Task<string?> FaultOfAsync(
        PackId pack,
        long size,
        IReadOnlyList<PackEntry> indexed,
        CancellationToken cancellationToken
    )
    {
        if (size > Array.MaxLength)
        {
            return $"{size} bytes are too many to be read at once";
        }

        if (!_buffers.TryPop(out var content) || content.Length < size)
        {
            content = GC.AllocateUninitializedArray<byte>(
                (int)Math.Min((size + StepBytes - 1) / StepBytes * StepBytes, Array.MaxLength)
            );
        }

        try
        {
            var faults = new List<string>();
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                faults = await FaultsAsync(pack, content.AsMemory(0, (int)size), indexed, cancellationToken);
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
            _buffers.Push(content);
        }
    }

    private async Task<List<string>> FaultsAsync(
        PackId pack,
        Memory<byte> content,
        IReadOnlyList<PackEntry> indexed,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await repository.Backend.ReadAsync(
                new FileHandle(FileKind.Pack, pack.ToString()),
                0,
                content,
                cancellationToken
            );
        }
        catch (StorageException e) when (e.Error is StorageError.NotFound or StorageError.Truncated)
        {
            return [e.Message];
        }

        var faults = new List<string>();
        if (Sha256Id.Of(content.Span) != pack.Hash)
        {
            faults.Add("its content does not have the hash that is its name");
        }

        CompareHeader(pack, content.Span, indexed, faults);
        OpenBlobs(content.Span, indexed, faults, cancellationToken);
        return faults;
    }

    // The header places blobs without gaps from 0 on, so equality with it proves that of the index too.
    private void CompareHeader(
        PackId pack,
        ReadOnlySpan<byte> content,
        IReadOnlyList<PackEntry> indexed,
        List<string> faults
    )
    {
        try
        {
            var header = PackReader.ReadHeader(repository.Sealer, repository.Version, pack, content);
            if (!header.ToHashSet().SetEquals(indexed))
            {
                faults.Add("its header and the index say different things of it; run repair index");
            }
        }
        catch (DamagedPackException e)
        {
            faults.Add(e.Message);
        }
    }

    private void OpenBlobs(
        ReadOnlySpan<byte> content,
        IReadOnlyList<PackEntry> indexed,
        List<string> faults,
        CancellationToken cancellationToken
    )
    {
        using var codec = new BlobCodec(repository.Sealer, repository.Buffers.Chunks, level: 1);
        foreach (var entry in indexed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Offset + (long)entry.Length > content.Length)
            {
                faults.Add($"{entry.Blob} lies beyond its end");
                continue;
            }

            var fault = codec.FaultOf(
                content.Slice((int)entry.Offset, (int)entry.Length),
                entry.UncompressedLength,
                entry.Blob.Id,
                (int)entry.PlaintextLength
            );
            if (fault is not null)
            {
                faults.Add($"{entry.Blob}: {fault}");
            }
        }
    }
}
