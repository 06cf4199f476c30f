using System.Threading.Channels;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Engine.Records;
using Granary.Storage;

namespace Granary.Engine.Repositories.Blobs;

/// <summary>
/// Stores blobs: compressed, sealed, packed, uploaded and indexed. For backups, and for whatever else writes blobs
/// anew.
/// </summary>
/// <remarks>
/// A pack's blobs enter the index only after its upload succeeded. Memory is bounded by the open packs and one for each
/// connection, and one that waits if there is only one: while that many are full nothing is packed, but for what
/// workers have begun. Two packs of each type are open at a time and each blob goes to one at random, so that chunk
/// sizes cannot be read off a pack: they would give the polynomial away, and with it which known files are in the
/// repository. Source: repository format §6, §15.
/// </remarks>
internal sealed class BlobStore : IDisposable
{
    private const int OpenPacks = 2;

    // What an index may name as a length, less what compression adds to what it cannot shrink.
    private const long LongestTree = IndexJson.LongestBlob - (IndexJson.LongestBlob >> 7);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    private readonly OpenRepository _repository;
    private readonly RepositoryIndex _index;
    private readonly IBackend _backend;
    private readonly StoreOptions _options;
    private readonly Crew _crew;
    private readonly IndexSaver _indexes;
    private readonly Channel<PackBuilder> _finished = Channel.CreateUnbounded<PackBuilder>(); // Bounded by the next.
    private readonly SemaphoreSlim _roomForFull;
    private readonly Lock _packing = new();
    private readonly PackBuilder?[,] _open = new PackBuilder?[2, OpenPacks];
    private readonly List<Task> _uploads = [];
    private readonly CancellationTokenSource _uploadsDone = new();
    private readonly Task _indexing;
    private long _bytesStored;

    /// <param name="repository">Where to.</param>
    /// <param name="index">What is known already.</param>
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

        // A single connection should find the next pack when it is done with one.
        _roomForFull = new SemaphoreSlim(Math.Max(2, connections));
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
        await WaitForRoomAsync(cancellationToken);
        var (size, full) = Pack(blob, plaintext.Span, codec);
        await SendAsync(full, cancellationToken);

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
        if (length > LongestTree)
        {
            throw new UnsupportedFormatException(
                $"a directory takes {length} bytes, and {LongestTree} are the most; a stream of about "
                    + $"{LongestTree / 67 * 3 / 2 >> 20} TiB reaches that: split it"
            );
        }

        var blob = new BlobHandle(BlobType.Tree, new BlobId(measured.Hash()));
        if (!_index.TryClaim(blob))
        {
            return new StoredTree(blob.Id, 0, 0);
        }

        await WaitForRoomAsync(cancellationToken);

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
        await SendAsync(full, cancellationToken);

        return new StoredTree(blob.Id, length, size);
    }

    /// <summary>
    /// Stores a directory that is there already once more, byte for byte, as members this program does not know must
    /// survive.
    /// </summary>
    public async Task AddTreeAsync(BlobId id, ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken)
    {
        await WaitForRoomAsync(cancellationToken);
        var isCompressed = _repository.Version >= 2;
        var @sealed = LargeBlob.Seal(
            _repository.Sealer,
            _repository.Buffers.Segments,
            stream => stream.Write(plaintext.Span),
            plaintext.Length,
            isCompressed
        );
        var (_, full) = Pack(new BlobHandle(BlobType.Tree, id), @sealed, isCompressed ? (uint)plaintext.Length : 0);
        await SendAsync(full, cancellationToken);
    }

    /// <summary>
    /// Closes the open packs, awaits every upload, and saves the last index. Nothing can be added afterwards.
    /// </summary>
    public async Task FinishAsync()
    {
        MergeLeftovers();
        while (TakeOpenPack() is { } pack)
        {
            await SendAsync(pack, _crew.Token);
        }

        _finished.Writer.Complete();
        await _crew.WaitAsync(_uploads);
        await _uploadsDone.CancelAsync();
        await _crew.WaitAsync(_indexing);
        await _indexes.FlushAsync(_crew.Token);
    }

    /// <summary>Returns the buffers of what was not stored. Only after the crew has stopped.</summary>
    public void Dispose()
    {
        while (TakeOpenPack() is { } open)
        {
            open.Dispose();
        }

        while (_finished.Reader.TryRead(out var waiting))
        {
            waiting.Dispose();
        }

        _uploadsDone.Dispose();
        _roomForFull.Dispose();
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

        var entry = new PackEntry(blob, 0, (uint)@sealed.Length, uncompressedLength);
        lock (_packing)
        {
            // A blob as large as a pack gets one of its own.
            var isAlone = @sealed.Length >= _options.PackSize;
            ref var slot = ref Slot(blob.Type);
            var pack = isAlone || slot is null ? new PackBuilder(blob.Type, _repository.Buffers.Segments) : slot;
            pack.Add(blob, @sealed, uncompressedLength);
            var isFull = isAlone || pack.IsFull(_options.PackSize);
            if (!isAlone)
            {
                slot = isFull ? null : pack;
            }

            return ((int)entry.Length + entry.HeaderSize, isFull ? pack : null);
        }
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

        var size = pack.Entries[0].HeaderSize + checked((int)pack.Length);
        if (pack.Length >= _options.PackSize)
        {
            return (size, pack);
        }

        lock (_packing)
        {
            ref var slot = ref Slot(blob.Type);
            if (slot is null)
            {
                slot = pack;
                return (size, null);
            }

            slot.Absorb(pack);
            var full = slot.IsFull(_options.PackSize) ? slot : null;
            slot = full is null ? slot : null;
            return (size, full);
        }
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

    private ref PackBuilder? Slot(BlobType type) =>
        ref _open[(int)type, System.Security.Cryptography.RandomNumberGenerator.GetInt32(OpenPacks)];

    /// <summary>Two small packs of a type that are left over become one.</summary>
    private void MergeLeftovers()
    {
        lock (_packing)
        {
            for (var type = 0; type < 2; type++)
            {
                if (
                    _open[type, 0] is { } first
                    && _open[type, 1] is { } second
                    && first.Length + second.Length < _options.PackSize
                )
                {
                    first.Absorb(second);
                    _open[type, 1] = null;
                }
            }
        }
    }

    private PackBuilder? TakeOpenPack()
    {
        lock (_packing)
        {
            for (var type = 0; type < 2; type++)
            {
                for (var slot = 0; slot < OpenPacks; slot++)
                {
                    if (_open[type, slot] is { } pack)
                    {
                        _open[type, slot] = null;
                        return pack;
                    }
                }
            }

            return null;
        }
    }

    // What waits for a connection waits here, and not in further packs.
    private async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        await _roomForFull.WaitAsync(cancellationToken);
        _roomForFull.Release();
    }

    private async ValueTask SendAsync(PackBuilder? full, CancellationToken cancellationToken)
    {
        try
        {
            if (full is not null)
            {
                await _roomForFull.WaitAsync(cancellationToken);
                await _finished.Writer.WriteAsync(full, cancellationToken);
            }
        }
        catch
        {
            full?.Dispose();
            throw;
        }
    }

    private async Task UploadAsync(CancellationToken cancellationToken)
    {
        await foreach (var pack in _finished.Reader.ReadAllAsync(cancellationToken))
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

            _roomForFull.Release();
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
/// <param name="Stored">What it takes in its pack, or 0 if it was known.</param>
internal readonly record struct StoredTree(BlobId Id, long Added, long Stored);
