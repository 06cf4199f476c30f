using System.Collections.Concurrent;
using System.Threading.Channels;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Engine.Restoring;

/// <summary>One dump: plan runs → fetch with N connections → open and verify on several workers → write in order.</summary>
/// <remarks>
/// Memory: the sealed bytes that were fetched ahead have a budget, and so many opened chunks wait for their turn as there are workers, and
/// two. Runs are started in the order of the file, and everything a stretch needs fits the budget at once, so the piece that is due can
/// always be fetched: nothing waits for itself. Source: repository format §16, §26.
/// </remarks>
internal sealed class FileDumper(IndexedRepository indexed, DumpOptions options)
{
    private readonly OpenRepository _repository = indexed.Repository;
    private readonly BlobReader _blobs = new(indexed.Repository, indexed.Index);
    private readonly int _workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;

    // What is out of the pool: a dump that fails leaves pieces in many hands.
    private readonly ConcurrentDictionary<byte[], bool> _rented = new();

    // The largest buffers between two uses. The pool would give most of their pages back to the system, and bringing those back took a tenth of a dump.
    private readonly ConcurrentStack<byte[]> _largest = new();
    private readonly ByteBudget _budget = new(Math.Max(options.ReadAhead, 1));

    private ChunkBuffers Buffers => _repository.Buffers.Chunks;

    public async Task<DumpResult> RunAsync(
        TreeNode file, string path, Stream destination, IProgress<DumpProgress>? progress, CancellationToken cancellationToken)
    {
        var started = _repository.Time.GetTimestamp();
        var content = file.Content ?? new Sha256IdList();
        EnsureComplete(file, content, path);

        var runs = Channel.CreateUnbounded<PackRun>(); // Bounded by the budget.
        var planned = Channel.CreateBounded<Piece>(1024);
        var toOpen = Channel.CreateUnbounded<Piece>(); // Bounded by the next.
        var toWrite = Channel.CreateBounded<Piece>(_workers + 1);
        var crew = new Crew(cancellationToken);
        try
        {
            var stages = new List<Task> { crew.Start(token => PlanAsync(content, runs.Writer, planned.Writer, token)) };
            var connections = options.Connections > 0 ? options.Connections : Math.Max(1, _repository.Backend.Connections);
            stages.AddRange(Enumerable.Range(0, connections).Select(_ => crew.Start(token => FetchAsync(runs.Reader, token))));
            stages.Add(crew.Start(token => DispatchAsync(planned.Reader, toOpen.Writer, toWrite.Writer, token)));
            stages.AddRange(Enumerable.Range(0, _workers).Select(_ => crew.Start(token => OpenAsync(toOpen.Reader, token))));
            stages.Add(crew.Start(token => WriteAsync(toWrite.Reader, destination, (long)file.Size, progress, token)));
            await crew.WaitAsync(stages);
            return new DumpResult((long)file.Size, _repository.Time.GetElapsedTime(started));
        }
        finally
        {
            await crew.DisposeAsync();
            foreach (var buffer in _rented.Keys)
            {
                Buffers.Return(buffer);
            }
        }
    }

    // Before the first byte goes out: a restore that must fail should fail before it begins.
    private void EnsureComplete(TreeNode file, Sha256IdList content, string path)
    {
        long size = 0;
        for (var i = 0; i < content.Count; i++)
        {
            size += Find(new BlobHandle(BlobType.Data, new BlobId(content[i]))).Entry.PlaintextLength;
        }

        if (size != (long)file.Size)
        {
            throw new DamagedFileException(path, $"it should have {file.Size} bytes, but its blobs have {size}");
        }
    }

    private BlobLocation Find(BlobHandle blob) =>
        indexed.Index.TryFind(blob, out var place) ? place : throw new MissingBlobException(blob.ToString(), "the file");

    private async Task PlanAsync(Sha256IdList content, ChannelWriter<PackRun> runs, ChannelWriter<Piece> planned, CancellationToken cancellationToken)
    {
        for (var position = 0; position < content.Count;)
        {
            var stretch = RunPlan.Next(content, position, Find, options.ReadAhead / 2, ChunkBuffers.RunSize);
            foreach (var piece in stretch)
            {
                if (!piece.Run.IsStarted)
                {
                    piece.Run.Budget = await _budget.TakeAsync(piece.Run.Length, cancellationToken);
                    piece.Run.IsStarted = true;
                    await runs.WriteAsync(piece.Run, cancellationToken);
                }

                await planned.WriteAsync(piece, cancellationToken);
            }

            position += stretch.Count;
        }

        runs.Complete();
        planned.Complete();
    }

    private async Task FetchAsync(ChannelReader<PackRun> runs, CancellationToken cancellationToken)
    {
        await foreach (var run in runs.ReadAllAsync(cancellationToken))
        {
            var buffer = Rent(run.Length);
            try
            {
                var handle = new FileHandle(FileKind.Pack, run.Pack.ToString());
                await _repository.Backend.ReadAsync(handle, run.Offset, buffer.AsMemory(0, run.Length), cancellationToken);
                run.Complete(buffer);
            }
            catch (StorageException exception) when (exception.Error is StorageError.NotFound or StorageError.Truncated)
            {
                // Its blobs may have other places; whoever opens them looks.
                Return(buffer);
                run.Complete(null);
            }
            catch
            {
                Return(buffer);
                throw;
            }
        }
    }

    private static async Task DispatchAsync(
        ChannelReader<Piece> planned, ChannelWriter<Piece> toOpen, ChannelWriter<Piece> toWrite, CancellationToken cancellationToken)
    {
        // The place in the order of writing comes first: it bounds how many pieces are open.
        await foreach (var piece in planned.ReadAllAsync(cancellationToken))
        {
            await toWrite.WriteAsync(piece, cancellationToken);
            await toOpen.WriteAsync(piece, cancellationToken);
        }

        toWrite.Complete();
        toOpen.Complete();
    }

    private async Task OpenAsync(ChannelReader<Piece> pieces, CancellationToken cancellationToken)
    {
        using var codec = new BlobCodec(_repository.Sealer, Buffers, level: 1);
        await foreach (var piece in pieces.ReadAllAsync(cancellationToken))
        {
            var fetched = await piece.Run.Fetched.WaitAsync(cancellationToken);
            var plaintext = Rent(piece.Length);
            try
            {
                if (!TryOpen(piece, fetched, plaintext, codec))
                {
                    await _blobs.ReadAsync(piece.Place.Entry.Blob, plaintext.AsMemory(0, piece.Length), codec, cancellationToken);
                }
            }
            catch
            {
                Return(plaintext);
                throw;
            }

            piece.Complete(plaintext);
            if (piece.Run.Release())
            {
                Return(fetched);
                _budget.Return(piece.Run.Budget);
            }
        }
    }

    private bool TryOpen(Piece piece, byte[]? fetched, byte[] plaintext, BlobCodec codec)
    {
        var entry = piece.Place.Entry;
        var fault = fetched is null
            ? "the pack is missing or too short"
            : codec.Open(
                fetched.AsSpan((int)(entry.Offset - piece.Run.Offset), (int)entry.Length),
                entry.UncompressedLength, entry.Blob.Id, plaintext.AsSpan(0, piece.Length));
        if (fault is not null)
        {
            EngineLog.BlobUnreadable(_repository.Logger, entry.Blob.ToString(), piece.Place.Pack.ToString(), fault);
        }

        return fault is null;
    }

    private async Task WriteAsync(
        ChannelReader<Piece> pieces, Stream destination, long total, IProgress<DumpProgress>? progress, CancellationToken cancellationToken)
    {
        long written = 0;
        await foreach (var piece in pieces.ReadAllAsync(cancellationToken))
        {
            var plaintext = await piece.Opened.WaitAsync(cancellationToken);
            await destination.WriteAsync(plaintext.AsMemory(0, piece.Length), cancellationToken);
            Return(plaintext);
            written += piece.Length;
            progress?.Report(new DumpProgress(written, total));
        }

        await destination.FlushAsync(cancellationToken);
        if (written != total)
        {
            throw new InvalidOperationException($"{written} of {total} bytes were written.");
        }
    }

    private byte[] Rent(int length)
    {
        if (length > ChunkBuffers.RunSize && length <= Buffers.Largest && _largest.TryPop(out var kept))
        {
            return kept;
        }

        var buffer = Buffers.Rent(length);
        _rented[buffer] = true;
        return buffer;
    }

    private void Return(byte[]? buffer)
    {
        if (buffer?.Length == Buffers.Largest)
        {
            _largest.Push(buffer);
        }
        else if (buffer is not null && _rented.TryRemove(buffer, out _))
        {
            Buffers.Return(buffer);
        }
    }
}
