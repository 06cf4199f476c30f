using System.Threading.Channels;
using Granary.Engine.Ids;
using Granary.Engine.Packing;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Blobs;
using Granary.Engine.Repositories.Files;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;

namespace Granary.Engine.Archiving;

/// <summary>
/// One backup: read → cut → (hash, claim, compress, seal) on several workers → pack → upload → index → snapshot.
/// </summary>
/// <remarks>
/// Every arrow is bounded, so memory does not grow with the stream, except by 32 bytes for each chunk. The order packs,
/// indexes, snapshot makes a kill at any instant harmless. Source: repository format §15, §22.
/// </remarks>
internal sealed class Archiver(IndexedRepository indexed, BackupOptions options, RepositoryLock heldLock)
{
    private readonly OpenRepository _repository = indexed.Repository;
    private long _bytesRead;

    public async Task<BackupResult> RunAsync(
        IReadOnlyList<ISource> sources,
        IProgress<BackupProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var started = _repository.Time.GetTimestamp();
        var start = Timestamp.From(_repository.Time.GetLocalNow());
        var (tree, files) = Plan(sources);
        if (options.DistrustUnsoundPacks)
        {
            await DistrustUnsoundPacksAsync(cancellationToken);
        }

        var workers = options.Store.Workers > 0 ? options.Store.Workers : Environment.ProcessorCount;
        var ring = _repository.Buffers.RentRing(ChunkReader.LeastRingBytes, workers);
        var crew = new Crew(cancellationToken, heldLock.Lost);
        var store = new BlobStore(_repository, indexed.Index, heldLock.Backend, options.Store, crew);
        var chunks = Channel.CreateUnbounded<Chunk>(); // Bounded by the ring.
        try
        {
            var stages = Enumerable
                .Range(0, workers)
                .Select(_ => crew.Start(token => StoreChunksAsync(chunks.Reader, store, token)))
                .ToList();
            stages.Add(
                crew.Start(token =>
                    ReadSourcesAsync(
                        sources,
                        files,
                        new ChunkReader(_repository.Chunker, new ByteRing(ring), chunks.Writer),
                        store,
                        progress,
                        token
                    )
                )
            );
            await crew.WaitAsync(stages);

            var template = NodeTemplate(options.Time is { } time ? Timestamp.From(time) : start);
            var trees = await tree.StoreAsync(store, template, crew.Token);
            await store.FinishAsync();
            var record = Describe(files, trees, start, template.Time);
            var id = await StoreSnapshotAsync(record, crew.Token);
            _repository.Logger.SnapshotStored(id.ToString(), _bytesRead, store.BytesStored);
            return new BackupResult(
                id,
                record,
                [.. files.Select(file => file.ToResult())],
                _repository.Time.GetElapsedTime(started)
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Stopped, but not by the caller: by a stage that failed, or by the loss of the lock.
            heldLock.ThrowIfLost();
            crew.ThrowIfFailed();
            throw;
        }
        finally
        {
            await crew.DisposeAsync();
            store.Dispose();
            _repository.Buffers.ReturnRing(ring);
        }
    }

    private static (SourceTree Tree, List<SourceFile> Files) Plan(IReadOnlyList<ISource> sources)
    {
        var tree = new SourceTree();
        var files = sources.Select(source => new SourceFile(SourceTree.Clean(source.Path))).ToList();
        files.ForEach(tree.Add);
        return files.Count > 0
            ? (tree, files)
            : throw new ArgumentException("There is nothing to back up.", nameof(sources));
    }

    private async Task DistrustUnsoundPacksAsync(CancellationToken cancellationToken)
    {
        // Listed after the index was loaded: every pack that the index names must be there.
        var unsound = await indexed.DistrustUnsoundPacksAsync(cancellationToken);
        if (unsound > 0)
        {
            _repository.Logger.PacksUnsound(unsound);
        }
    }

    private async Task ReadSourcesAsync(
        IReadOnlyList<ISource> sources,
        List<SourceFile> files,
        ChunkReader reader,
        BlobStore store,
        IProgress<BackupProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        foreach (var (source, file) in sources.Zip(files))
        {
            var started = _repository.Time.GetTimestamp();
            await using (var stream = await source.OpenAsync(cancellationToken))
            {
                await reader.ReadAsync(stream, file, Report, cancellationToken);
            }

            await source.CompleteAsync(cancellationToken);
            if (file.Size == 0 && !options.AllowEmpty)
            {
                throw new EmptySourceException(file.Path);
            }

            file.Duration = _repository.Time.GetElapsedTime(started);

            void Report(int length)
            {
                _bytesRead += length;
                progress?.Report(
                    new BackupProgress(_bytesRead, files.Sum(each => each.BytesAdded), store.BytesStored, file.Path)
                );
            }
        }

        reader.Complete();
    }

    private async Task StoreChunksAsync(
        ChannelReader<Chunk> chunks,
        BlobStore store,
        CancellationToken cancellationToken
    )
    {
        using var codec = store.CreateCodec();
        await foreach (var (file, position, content) in chunks.ReadAllAsync(cancellationToken))
        {
            using (content)
            {
                var blob = new BlobHandle(BlobType.Data, BlobId.Of(content.Bytes.Span));
                file.Content[position] = blob.Id.Hash;
                if (indexed.Index.TryClaim(blob))
                {
                    file.NoteAdded(
                        content.Bytes.Length,
                        await store.AddAsync(blob, content.Bytes, codec, cancellationToken)
                    );
                }
            }
        }
    }

    private TreeNode NodeTemplate(Timestamp time) =>
        new()
        {
            Name = [],
            Type = "",
            Time = time,
            UserId = options.UserId,
            GroupId = options.GroupId,
        };

    private SnapshotRecord Describe(List<SourceFile> files, StoredTrees trees, Timestamp start, Timestamp time) =>
        new()
        {
            Time = time,
            Tree = trees.Root,
            Paths = [.. files.Select(file => file.Path)],
            Hostname = options.Hostname,
            Username = options.Username,
            UserId = options.UserId,
            GroupId = options.GroupId,
            Tags = options.Tags,
            ProgramVersion = options.ProgramVersion,
            Summary = new SnapshotSummary
            {
                BackupStart = start,
                BackupEnd = Timestamp.From(_repository.Time.GetLocalNow()),
                FilesNew = files.Count,
                DirectoriesNew = trees.Directories,
                DataBlobs = files.Sum(file => file.ChunksAdded),
                TreeBlobs = trees.Trees,
                DataAdded = files.Sum(file => file.BytesAdded) + trees.Added,
                DataAddedPacked = files.Sum(file => file.BytesStored) + trees.Stored,
                TotalFilesProcessed = files.Count,
                TotalBytesProcessed = files.Sum(file => file.Size),
            },
        };

    private async Task<SnapshotId> StoreSnapshotAsync(SnapshotRecord record, CancellationToken cancellationToken)
    {
        // A program that removed our lock may have pruned data that this snapshot needs.
        await heldLock.ConfirmAsync(cancellationToken);
        var (name, stored) = _repository.Stored.Documents.Seal(FileKind.Snapshot, SnapshotJson.ToJson(record));
        var id = new SnapshotId(name);
        try
        {
            var handle = new FileHandle(FileKind.Snapshot, id.ToString());
            await UnpackedFiles.SaveContentAsync(
                heldLock.Backend,
                handle,
                new MemoryStream(stored, writable: false),
                cancellationToken
            );

            // Tried again for long, or on a machine that slept meanwhile, the save may have outlived the lock.
            await heldLock.EnsureFreshAsync(cancellationToken);
            return id;
        }
        catch (Exception) when (heldLock.IsLost || heldLock.IsDoubtful)
        {
            await _repository.WithdrawSnapshotAsync(id, "the lock was lost, or in doubt, while it was stored");
            throw;
        }
    }
}
