using Granary.Engine.Archiving;
using Granary.Engine.Ids;
using Granary.Engine.Indexing;
using Granary.Engine.Packing;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Blobs;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.Storage.Local;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Archiving;

/// <summary>
/// Memory does not grow with the stream. Alone in its collection, since it measures the whole process.
/// </summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    private const int TwoMillion = 2_000_000;
    private const int BlobsOfAPack = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Three_gibibytes_need_no_more_memory_than_the_first_half_gibibyte()
    {
        await using var backend = new ForgetfulBackend(new MemoryBackend());
        var repository = await Repository.InitAsync(
            backend,
            TestRepository.Password,
            TestRepository.Cheap,
            Cancellation
        );
        var seen = new HeapSampler();
        await using var held = await repository.LockAsync(LockMode.Shared, TestRepository.Owner, Cancellation);
        var indexed = await repository.LoadIndexAsync(Cancellation);

        var result = await indexed.BackupAsync(
            [new TestSource("db.sql", () => new RepeatingStream(3L << 30))],
            new BackupOptions
            {
                Hostname = "h",
                Store = new StoreOptions { VerifyBlobs = false },
            },
            seen,
            held,
            Cancellation
        );

        Assert.Equal(3L << 30, result.Summary.TotalBytesProcessed);
        Assert.True(result.Summary.DataAdded > 1L << 30);
        Assert.InRange(seen.Late, 0, seen.Early + (32 << 20));
        Assert.Equal(0, repository.Buffers.Rented);
    }

    [Fact]
    public void Two_million_blobs_keep_no_more_than_75_bytes_each_alive_with_their_packs()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new RepositoryIndex();
        foreach (var pack in Packs(TwoMillion))
        {
            index.Add(pack.Id, pack.Blobs);
        }

        var alive = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.InRange(alive / (double)index.EntryCount(BlobType.Data), 48, 75);
        GC.KeepAlive(index);
    }

    /// <remarks>What the store itself holds is on disk, not in this process.</remarks>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_repository_of_two_million_blobs_takes_100_bytes_for_each_to_load_and_to_plan_a_prune()
    {
        using var folder = new TempDirectory();
        await using var backend = LocalBackend.Create(
            new LocalOptions { Path = folder["repository"] },
            TimeProvider.System
        );
        var repository = await Repository.InitAsync(
            backend,
            TestRepository.Password,
            TestRepository.Cheap,
            Cancellation
        );
        foreach (var packs in Packs(TwoMillion).Chunk(IndexSaver.MaximumBlobs / BlobsOfAPack))
        {
            await repository.Stored.Documents.SaveAsync(backend, FileKind.Index, IndexJson.Write(packs), Cancellation);
        }

        await using var held = await repository.LockAsync(LockMode.Exclusive, TestRepository.Owner, Cancellation);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var indexed = await repository.LoadIndexAsync(Cancellation);
        var loaded = GC.GetTotalMemory(forceFullCollection: true) - before;
        var count = indexed.Index.EntryCount(BlobType.Data);
        GC.KeepAlive(indexed);
        indexed = null;
        var plan = await repository.PlanPruneAsync(new PruneOptions(), held, progress: null, Cancellation);
        var planned = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.InRange(count, TwoMillion, TwoMillion + BlobsOfAPack);
        Assert.InRange(loaded / (double)count, 48, 75);
        Assert.InRange(planned / (double)count, 48, 100);
        Assert.Equal(count / BlobsOfAPack, plan.Missing.Count);
    }

    /// <summary>Packs of 16 MiB in chunks of the usual size, with random ids.</summary>
    private static IEnumerable<IndexedPack> Packs(int blobs)
    {
        var random = new Random(1);
        for (var added = 0; added < blobs; added += BlobsOfAPack)
        {
            yield return new IndexedPack(
                new PackId(NewId()),
                [
                    .. Enumerable
                        .Range(0, BlobsOfAPack)
                        .Select(i => new PackEntry(
                            new BlobHandle(BlobType.Data, new BlobId(NewId())),
                            (uint)(i * 50),
                            50,
                            60
                        )),
                ]
            );
        }

        Sha256Id NewId()
        {
            Span<byte> id = stackalloc byte[Sha256Id.Size];
            random.NextBytes(id);
            return new Sha256Id(id);
        }
    }

    /// <summary>Reads packs to their end, as an upload does, and keeps nothing of them.</summary>
    private sealed class ForgetfulBackend(IBackend inner) : DelegatingBackend(inner)
    {
        public override Task SaveAsync(
            FileHandle handle,
            Stream content,
            SaveMode mode,
            CancellationToken cancellationToken
        ) =>
            handle.Kind == FileKind.Pack
                ? content.CopyToAsync(Stream.Null, cancellationToken)
                : base.SaveAsync(handle, content, mode, cancellationToken);
    }

    /// <summary>The most that was alive in the first 512 MiB, and after them; looked at every 256 MiB.</summary>
    private sealed class HeapSampler : IProgress<BackupProgress>
    {
        private const long Interval = 256 << 20;

        private long _next = Interval;

        public long Early { get; private set; }

        public long Late { get; private set; }

        public void Report(BackupProgress value)
        {
            if (value.BytesRead < _next)
            {
                return;
            }

            // Other tests left garbage behind: only what survives a full collection counts.
            var heap = GC.GetTotalMemory(forceFullCollection: true);
            Early = _next <= 2 * Interval ? Math.Max(Early, heap) : Early;
            Late = _next > 2 * Interval ? Math.Max(Late, heap) : Late;
            _next += Interval;
        }
    }

    /// <summary>
    /// Pseudo-random bytes, some of them compressible, cheap to make: a block that changes a little each time.
    /// </summary>
    private sealed class RepeatingStream(long length) : Stream
    {
        private readonly byte[] _block = SeededBytes.Random("repeating", 1 << 20);
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var start = (int)(_position % _block.Length);
            if (start == 0)
            {
                BitConverter.TryWriteBytes(_block, _position);
                BitConverter.TryWriteBytes(_block.AsSpan(_block.Length / 2), _position);
            }

            var count = (int)Math.Min(Math.Min(buffer.Length, _block.Length - start), length - _position);
            _block.AsSpan(start, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));

        public override Task<int> ReadAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => Task.FromResult(Read(buffer, offset, count));

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
