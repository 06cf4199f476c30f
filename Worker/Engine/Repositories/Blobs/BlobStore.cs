using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Engine.Records;
using Granary.Engine.Repositories.Files;
using Granary.Storage;

namespace Granary.Engine.Repositories.Blobs;

/// <summary>
/// Stores blobs: compressed, sealed, packed, uploaded and indexed. Backups and repacking use it.
/// </summary>
/// <remarks>
/// A pack's blobs enter the index only after its upload succeeded. Memory is bounded by the open packs
/// (<see cref="OpenPacks"/>) and the full ones (<see cref="UploadQueue"/>). Source: repository format §6, §15.
/// </remarks>
internal sealed class BlobStore : IDisposable
{
    // The longest blob that an index can name, less the bytes that compression adds where nothing shrinks. A tree takes
    // 67 bytes for each chunk (64 digits, two quotes, a comma), and a chunk has 1.5 MiB on average: about 45 TiB.
    private const long LongestTreeBytes = IndexJson.LongestBlob - (IndexJson.LongestBlob >> 7);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    private readonly OpenRepository _repository;
    private readonly RepositoryIndex _index;
    private readonly IBackend _backend;
    private readonly StoreOptions _options;
    private readonly Crew _crew;
    private readonly IndexSaver _indexes;
    private readonly OpenPacks _open;
    private readonly UploadQueue _full;
    private readonly List<Task> _uploads = [];
    private readonly CancellationTokenSource _uploadsDone = new();
    private readonly Task _indexing;
    private long _bytesStored;

    /// <param name="repository">Where to.</param>
    /// <param name="index">The blobs that are known already.</param>
    /// <param name="backend">The store, guarded by the caller's lock.</param>
    /// <param name="options">How.</param>
    /// <param name="crew">Whose fate the uploads share.</param>
    public BlobStore(
        OpenRepository repository,
        RepositoryIndex index,
        IBackend backend,
        StoreOptions options,
        Crew crew
    )
    {
        _repository = repository;
        _index = index;
        _backend = backend;
        _options = options;
        _crew = crew;
        _indexes = new IndexSaver(repository, index, backend);
        var connections = options.Connections > 0 ? options.Connections : Math.Max(1, backend.Connections);
        _open = new OpenPacks(options.PackSize, repository.Buffers.Segments);
        _full = new UploadQueue(connections);
        for (var i = 0; i < connections; i++)
        {
            _uploads.Add(crew.Start(UploadAsync));
        }

        _indexing = crew.Start(SaveOldIndexesAsync);
    }

    /// <summary>Bytes of all packs stored so far.</summary>
    public long BytesStored => Volatile.Read(ref _bytesStored);

    /// <summary>The zstd level of these options.</summary>
    public int Level =>
        _options.CompressionLevel
        ?? _options.Compression switch
        {
            CompressionMode.Auto or CompressionMode.Off or CompressionMode.Fastest => 1,
            CompressionMode.Better => 7,
            CompressionMode.Max => 11,
            _ => throw new InvalidOperationException($"There is no level for {_options.Compression}."),
        };

    public BlobCodec CreateCodec() => new(_repository.Sealer, _repository.Buffers.Chunks, Level);

    /// <summary>
    /// Stores a blob that the caller has claimed in the index. The work is done on the caller's thread, with the
    /// caller's codec.
    /// </summary>
    /// <returns>The bytes it takes in its pack, header entry included.</returns>
    public async ValueTask<int> AddAsync(
        BlobHandle blob,
        ReadOnlyMemory<byte> plaintext,
        BlobCodec codec,
        CancellationToken cancellationToken
    )
    {
        await _full.WaitForRoomAsync(cancellationToken);
        var (size, full) = Pack(blob, plaintext.Span, codec);
        await _full.SendAsync(full, cancellationToken);

        return size;
    }

    /// <summary>Stores a directory, unless it is known.</summary>
    /// <exception cref="UnsupportedFormatException">
    /// It is so long that no index could name it, and an index that does could not be read again.
    /// </exception>
    public async Task<StoredTree> AddTreeAsync(IReadOnlyList<TreeNode> nodes, CancellationToken cancellationToken)
    {
        // The first pass names and measures the document, which is never in memory as a whole; the second one stores
        // it.
        using var measured = new HashingWriter();
        TreeJson.Write(nodes, measured);
        var length = measured.Length;
        if (length > LongestTreeBytes)
        {
            throw new UnsupportedFormatException(
                $"a directory takes {length} bytes, and at most {LongestTreeBytes} can be stored; a stream of about "
                    + "45 TiB reaches that: split it"
            );
        }

        var blob = new BlobHandle(BlobType.Tree, new BlobId(measured.Hash()));
        if (!_index.TryClaim(blob))
        {
            return new StoredTree(blob.Id, 0, 0);
        }

        await _full.WaitForRoomAsync(cancellationToken);

        // Trees are always compressed in version 2: the reference prune rewrites packs with trees that are not.
        var isCompressed = _repository.Version >= 2;
        var @sealed = LargeBlob.Seal(
            _repository.Sealer,
            _repository.Buffers.Segments,
            stream => TreeJson.Write(nodes, stream),
            length,
            isCompressed
        );
        var (size, full) = Pack(blob, @sealed, isCompressed ? checked((uint)length) : 0);
        await _full.SendAsync(full, cancellationToken);

        return new StoredTree(blob.Id, length, size);
    }

    /// <summary>
    /// Stores a directory that is there already once more, byte for byte, as members this program does not know must
    /// survive.
    /// </summary>
    public async Task AddTreeAsync(BlobId id, ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken)
    {
        await _full.WaitForRoomAsync(cancellationToken);
        var isCompressed = _repository.Version >= 2;
        var @sealed = LargeBlob.Seal(
            _repository.Sealer,
            _repository.Buffers.Segments,
            stream => stream.Write(plaintext.Span),
            plaintext.Length,
            isCompressed
        );
        var (_, full) = Pack(new BlobHandle(BlobType.Tree, id), @sealed, isCompressed ? (uint)plaintext.Length : 0);
        await _full.SendAsync(full, cancellationToken);
    }

    /// <summary>
    /// Closes the open packs, awaits every upload, and saves the last index. Nothing can be added afterwards.
    /// </summary>
    public async Task FinishAsync()
    {
        _open.MergeLeftovers();
        while (_open.Take() is { } pack)
        {
            await _full.SendAsync(pack, _crew.Token);
        }

        _full.Complete();
        await _crew.WaitAsync(_uploads);
        await _uploadsDone.CancelAsync();
        await _crew.WaitAsync(_indexing);
        await _indexes.FlushAsync(_crew.Token);
    }

    /// <summary>Returns the buffers of blobs that were not stored. Only after the crew has stopped.</summary>
    public void Dispose()
    {
        while (_open.Take() is { } open)
        {
            open.Dispose();
        }

        _full.Dispose();
        _uploadsDone.Dispose();
    }

    private (int Size, PackBuilder? Full) Pack(BlobHandle blob, ReadOnlySpan<byte> plaintext, BlobCodec codec)
    {
        var compress =
            _repository.Version >= 2 && (blob.Type == BlobType.Tree || _options.Compression != CompressionMode.Off);
        var @sealed = codec.Seal(plaintext, compress, out var uncompressedLength);
        if (_options.VerifyBlobs)
        {
            codec.Verify(@sealed, uncompressedLength, blob.Id, plaintext.Length);
        }

        return _open.Add(blob, @sealed, uncompressedLength);
    }

    private (int Size, PackBuilder? Full) Pack(BlobHandle blob, SegmentedBuffer @sealed, uint uncompressedLength)
    {
        var pack = PackBuilder.Around(blob, @sealed, uncompressedLength);
        try
        {
            VerifyTree(blob.Id, @sealed, uncompressedLength != 0);
        }
        catch
        {
            pack.Dispose();
            throw;
        }

        return _open.Add(pack);
    }

    private void VerifyTree(BlobId id, SegmentedBuffer @sealed, bool isCompressed)
    {
        var isSame = LargeBlob.IsAuthentic(_repository.Sealer, @sealed);
        using var opened = new HashingReader(LargeBlob.Open(_repository.Sealer, @sealed, isCompressed));
        if (!isSame || opened.ToEnd() != id.Hash)
        {
            throw new DamagedPackException(
                "(new)",
                $"tree {id} did not survive sealing and opening; this machine's memory may be faulty"
            );
        }
    }

    private async Task UploadAsync(CancellationToken cancellationToken)
    {
        await foreach (var pack in _full.ReadAllAsync(cancellationToken))
        {
            using (pack)
            {
                var id = pack.Finish(_repository.Sealer, _repository.Version);
                await using var content = pack.AsStream();
                await UnpackedFiles.SaveContentAsync(
                    _backend,
                    new FileHandle(FileKind.Pack, id.ToString()),
                    content,
                    cancellationToken
                );
                Interlocked.Add(ref _bytesStored, pack.Length);
                _index.Add(id, pack.Entries);
                await _indexes.AddAsync(id, pack.Entries, cancellationToken);
            }

            _full.GiveBack();
        }
    }

    private async Task SaveOldIndexesAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _uploadsDone.Token);
        while (!either.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(LookEvery, _repository.Time, either.Token);
            }
            catch (OperationCanceledException) when (_uploadsDone.IsCancellationRequested)
            {
                return;
            }

            await _indexes.SaveIfOldAsync(cancellationToken);
        }
    }
}

/// <summary>A tree that is stored now.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Added">Its plaintext length, or 0 if it was known.</param>
/// <param name="Stored">The bytes it takes in its pack, or 0 if it was known.</param>
internal readonly record struct StoredTree(BlobId Id, long Added, long Stored);
