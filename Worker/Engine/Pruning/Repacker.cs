using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Maintenance;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Blobs;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Pruning;

/// <summary>Stores the used blobs of some packs once more, in new packs, through the path that backups take.</summary>
/// <remarks>
/// Memory: for each worker a stretch of a pack and a blob, 4 and up to 8 MiB as a rule, and the memory of the
/// <see cref="BlobStore"/>.
/// </remarks>
internal sealed class Repacker(PrunePlan plan, RepositoryLock heldLock, IProgress<MaintenanceProgress>? progress)
{
    private readonly OpenRepository _repository = plan.Indexed.Repository;
    private readonly BlobReader _blobs = new(plan.Indexed.Repository, plan.Indexed.Index);
    private int _next = -1;
    private long _stored;

    private ChunkBuffers Buffers => _repository.Buffers.Chunks;

    /// <summary>
    /// Repacks, and returns how many blobs were stored. On return their packs and indexes are stored.
    /// </summary>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        var index = plan.Indexed.Index;
        var known = (Trees: index.EntryCount(BlobType.Tree), Data: index.EntryCount(BlobType.Data));
        var crew = new Crew(cancellationToken, heldLock.Lost);
        var store = new BlobStore(_repository, index, heldLock.Backend, plan.Options.Store, crew);
        try
        {
            var counter = new StepCounter(progress, MaintenanceStep.Repack, plan.Repack.Count);
            var workers = plan.Options.Store.Workers > 0 ? plan.Options.Store.Workers : Environment.ProcessorCount;
            await crew.WaitAsync([
                .. Enumerable.Range(0, workers).Select(_ => crew.Start(token => RepackAsync(store, counter, token))),
            ]);
            await store.FinishAsync();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            heldLock.ThrowIfLost();
            crew.ThrowIfFailed();
            throw;
        }
        finally
        {
            await crew.DisposeAsync();
            store.Dispose();
        }

        EnsureNothingIsLeft(known.Trees, known.Data);
        return _stored;
    }

    private async Task RepackAsync(BlobStore store, StepCounter counter, CancellationToken cancellationToken)
    {
        using var codec = store.CreateCodec();
        for (var i = Interlocked.Increment(ref _next); i < plan.Repack.Count; i = Interlocked.Increment(ref _next))
        {
            var entries = Kept(plan.Repack[i]);
            for (var start = 0; start < entries.Count; )
            {
                var end = EndOfRun(entries, start);
                await RepackRunAsync(plan.Repack[i], entries[start..end], store, codec, cancellationToken);
                start = end;
            }

            counter.Next();
        }
    }

    private async Task RepackRunAsync(
        PackId pack,
        List<PackEntry> run,
        BlobStore store,
        BlobCodec codec,
        CancellationToken cancellationToken
    )
    {
        var start = run[0].Offset;
        var length = (int)(run[^1].Offset + run[^1].Length - start);
        var @sealed = Buffers.Rent(length);
        try
        {
            var isRead = await TryReadAsync(pack, start, @sealed.AsMemory(0, length), cancellationToken);
            foreach (var entry in run)
            {
                await RepackAsync(
                    entry,
                    isRead ? @sealed.AsMemory((int)(entry.Offset - start), (int)entry.Length) : default,
                    store,
                    codec,
                    cancellationToken
                );
            }
        }
        finally
        {
            Buffers.Return(@sealed);
        }
    }

    private async Task RepackAsync(
        PackEntry entry,
        ReadOnlyMemory<byte> @sealed,
        BlobStore store,
        BlobCodec codec,
        CancellationToken cancellationToken
    )
    {
        var length = (int)entry.PlaintextLength;
        var buffer = Buffers.Rent(length);
        try
        {
            var plaintext = buffer.AsMemory(0, length);
            if (
                @sealed.IsEmpty
                || codec.Open(@sealed.Span, entry.UncompressedLength, entry.Blob.Id, plaintext.Span) is not null
            )
            {
                // Read again, and from every other place there is.
                await _blobs.ReadAsync(entry.Blob, plaintext, codec, cancellationToken);
            }

            if (entry.Blob.Type == BlobType.Tree)
            {
                await store.AddTreeAsync(entry.Blob.Id, plaintext, cancellationToken);
            }
            else
            {
                await store.AddAsync(entry.Blob, plaintext, codec, cancellationToken);
            }

            Interlocked.Increment(ref _stored);
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    private async Task<bool> TryReadAsync(
        PackId pack,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await _repository.Backend.ReadAsync(
                new FileHandle(FileKind.Pack, pack.ToString()),
                offset,
                destination,
                cancellationToken
            );
            return true;
        }
        catch (StorageException e) when (e.Error is StorageError.NotFound or StorageError.Truncated)
        {
            return false;
        }
    }

    private List<PackEntry> Kept(PackId pack)
    {
        plan.Contents.TryNumber(pack, out var number);
        return
        [
            .. plan
                .Contents.Of(number)
                .Where(each => plan.Kept.Contains(each.Entry.Blob.Type, each.Number))
                .Select(each => each.Entry),
        ];
    }

    // Neighbours, and blobs that lie a short gap away, are read together.
    private static int EndOfRun(List<PackEntry> entries, int start)
    {
        var end = start + 1;
        while (
            end < entries.Count
            && entries[end].Offset + (long)entries[end].Length - entries[start].Offset <= BlobReader.LongestRunBytes
            && entries[end].Offset - (entries[end - 1].Offset + (long)entries[end - 1].Length) <= entries[end].Length
        )
        {
            end++;
        }

        return end;
    }

    /// <exception cref="DamagedPackException">
    /// A blob was to be copied and has no new place: the packs must stay.
    /// </exception>
    private void EnsureNothingIsLeft(int trees, int data)
    {
        foreach (var pack in plan.Repack)
        {
            foreach (var entry in Kept(pack))
            {
                if (!IsStoredAnew(entry.Blob, entry.Blob.Type == BlobType.Tree ? trees : data))
                {
                    throw new DamagedPackException(
                        pack.ToString(),
                        $"{entry.Blob} was not stored anew; nothing was deleted"
                    );
                }
            }
        }
    }

    private bool IsStoredAnew(BlobHandle blob, int firstNew)
    {
        var cursor = -1;
        var isNew = false;
        while (!isNew && plan.Indexed.Index.TryNextNumber(blob, ref cursor, out var number))
        {
            isNew = number >= firstNew;
        }

        return isNew;
    }
}
