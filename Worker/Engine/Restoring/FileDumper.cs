using System.Threading.Channels;
using Granary.Engine.Chunking;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Blobs;
using Granary.Storage;

namespace Granary.Engine.Restoring;

/// <summary>
/// One dump: plan runs → fetch with N connections → open and verify on several workers → write in order.
/// </summary>
/// <remarks>
/// Memory: two rings, one for sealed bytes that were fetched ahead and one for opened chunks that wait for their turn.
/// Both are given out in the order of the file, and everything that a stretch needs fits the first at once. So the
/// piece that is due can always be fetched and opened: nothing waits for itself. Source: repository format §16, §26.
/// </remarks>
internal sealed class FileDumper(IndexedRepository indexed, DumpOptions options)
{
    private readonly OpenRepository _repository = indexed.Repository;
    private readonly BlobReader _blobs = new(indexed.Repository, indexed.Index);
    private readonly int _workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;

    public async Task<DumpResult> RunAsync(
        TreeNode file,
        string path,
        Stream destination,
        IProgress<DumpProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var started = _repository.Time.GetTimestamp();
        var content = file.Content ?? new Sha256IdList();
        EnsureComplete(file, content, path);

        var runs = Channel.CreateUnbounded<PackRun>(); // Bounded by a ring.
        var planned = Channel.CreateBounded<Piece>(1024);
        var toOpen = Channel.CreateUnbounded<Piece>(); // Bounded by a ring, as the next.
        var toWrite = Channel.CreateUnbounded<Piece>();
        var ahead = _repository.Buffers.RentRing(Math.Max(options.ReadAhead, 1));
        var waiting = _repository.Buffers.RentRing(2 * Chunker.MaximumSize, _workers);
        var crew = new Crew(cancellationToken);
        try
        {
            var stages = new List<Task>
            {
                crew.Start(token => PlanAsync(content, new ByteRing(ahead), runs.Writer, planned.Writer, token)),
            };
            var connections =
                options.Connections > 0 ? options.Connections : Math.Max(1, _repository.Backend.Connections);
            stages.AddRange(
                Enumerable.Range(0, connections).Select(_ => crew.Start(token => FetchAsync(runs.Reader, token)))
            );
            stages.Add(
                crew.Start(token =>
                    DispatchAsync(planned.Reader, new ByteRing(waiting), toOpen.Writer, toWrite.Writer, token)
                )
            );
            stages.AddRange(
                Enumerable.Range(0, _workers).Select(_ => crew.Start(token => OpenAsync(toOpen.Reader, token)))
            );
            stages.Add(crew.Start(token => WriteAsync(toWrite.Reader, destination, (long)file.Size, progress, token)));
            await crew.WaitAsync(stages);
            return new DumpResult((long)file.Size, _repository.Time.GetElapsedTime(started));
        }
        finally
        {
            await crew.DisposeAsync();
            _repository.Buffers.ReturnRing(ahead);
            _repository.Buffers.ReturnRing(waiting);
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
        indexed.Index.TryFind(blob, out var place)
            ? place
            : throw new MissingBlobException(blob.ToString(), "the file");

    private async Task PlanAsync(
        Sha256IdList content,
        ByteRing ahead,
        ChannelWriter<PackRun> runs,
        ChannelWriter<Piece> planned,
        CancellationToken cancellationToken
    )
    {
        // The runs of a stretch take at most twice its share, and less than the last third is left unused where the
        // ring's memory ends.
        var share = options.ReadAhead / 3;

        for (var position = 0; position < content.Count; )
        {
            var stretch = RunPlan.Next(content, position, Find, share, Math.Min(share, BlobReader.LongestRunBytes));
            foreach (var piece in stretch)
            {
                if (piece.Run.Sealed is null)
                {
                    piece.Run.Sealed = await ahead.ReserveAsync(piece.Run.Length, cancellationToken);
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
            try
            {
                var handle = new FileHandle(FileKind.Pack, run.Pack.ToString());
                await _repository.Backend.ReadAsync(handle, run.Offset, run.Sealed!.Bytes, cancellationToken);
                run.Complete(isThere: true);
            }
            catch (StorageException e) when (e.Error is StorageError.NotFound or StorageError.Truncated)
            {
                // Its blobs may have other places; the worker that opens them looks.
                run.Complete(isThere: false);
            }
        }
    }

    private static async Task DispatchAsync(
        ChannelReader<Piece> planned,
        ByteRing waiting,
        ChannelWriter<Piece> toOpen,
        ChannelWriter<Piece> toWrite,
        CancellationToken cancellationToken
    )
    {
        await foreach (var piece in planned.ReadAllAsync(cancellationToken))
        {
            piece.Plaintext = await waiting.ReserveAsync(piece.Length, cancellationToken);
            await toWrite.WriteAsync(piece, cancellationToken);
            await toOpen.WriteAsync(piece, cancellationToken);
        }

        toWrite.Complete();
        toOpen.Complete();
    }

    private async Task OpenAsync(ChannelReader<Piece> pieces, CancellationToken cancellationToken)
    {
        using var codec = new BlobCodec(_repository.Sealer, _repository.Buffers.Chunks, level: 1);
        await foreach (var piece in pieces.ReadAllAsync(cancellationToken))
        {
            var isThere = await piece.Run.Fetched.WaitAsync(cancellationToken);
            if (!TryOpen(piece, isThere, codec))
            {
                await _blobs.ReadAsync(piece.Place.Entry.Blob, piece.Plaintext!.Bytes, codec, cancellationToken);
            }

            piece.Complete();
            piece.Run.Release();
        }
    }

    private bool TryOpen(Piece piece, bool isThere, BlobCodec codec)
    {
        var entry = piece.Place.Entry;
        var fault = isThere
            ? codec.Open(
                piece.Run.Sealed!.Bytes.Span.Slice((int)(entry.Offset - piece.Run.Offset), (int)entry.Length),
                entry.UncompressedLength,
                entry.Blob.Id,
                piece.Plaintext!.Bytes.Span
            )
            : "the pack is missing or too short";
        if (fault is not null)
        {
            _repository.Logger.BlobUnreadable(entry.Blob.ToString(), piece.Place.Pack.ToString(), fault);
        }

        return fault is null;
    }

    private static async Task WriteAsync(
        ChannelReader<Piece> pieces,
        Stream destination,
        long total,
        IProgress<DumpProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        long written = 0;
        await foreach (var piece in pieces.ReadAllAsync(cancellationToken))
        {
            await piece.Opened.WaitAsync(cancellationToken);
            using (piece.Plaintext)
            {
                await destination.WriteAsync(piece.Plaintext!.Bytes, cancellationToken);
            }

            written += piece.Length;
            progress?.Report(new DumpProgress(written, total));
        }

        await destination.FlushAsync(cancellationToken);
        if (written != total)
        {
            throw new InvalidOperationException($"{written} of {total} bytes were written.");
        }
    }
}
