using Granary.Storage.Contract;
using Granary.Storage.Decorators;
using Granary.TestSupport;

namespace Granary.Storage.Tests.Core;

public sealed class DecoratorTests : IAsyncDisposable
{
    private readonly MemoryBackend _memory = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _memory.DisposeAsync();

    [Fact]
    public async Task A_read_only_backend_reads_and_refuses_to_change_anything()
    {
        var file = StoredFile.Of(FileKind.Pack, 10);
        await file.SaveToAsync(_memory, Cancel);
        await using var backend = new ReadOnlyBackend(_memory);

        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Cancel));
        Func<Task>[] changes =
        [
            () => StoredFile.Of(FileKind.Lock, 10).SaveToAsync(backend, Cancel),
            () => backend.DeleteAsync(file.Handle, Cancel),
            () => backend.PrepareAsync(Cancel),
            () => backend.RemoveLeftoversAsync(Cancel),
        ];
        foreach (var change in changes)
        {
            Assert.Equal(StorageError.AccessDenied, (await Assert.ThrowsAsync<StorageException>(change)).Error);
        }

        Assert.Equal([file.Handle], _memory.Files.Keys);
    }

    [Fact]
    public async Task A_meter_counts_operations_failures_and_bytes()
    {
        await using var backend = new MeteredBackend(_memory);
        var file = StoredFile.Of(FileKind.Pack, 1000);

        await file.SaveToAsync(backend, Cancel);
        await backend.ReadAsync(file.Handle, 10, new byte[200], Cancel);
        await backend.ReadAllAsync(file.Handle, Cancel);
        await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));
        await backend.SizeAsync(file.Handle, Cancel);
        await foreach (var _ in backend.ListAsync(FileKind.Pack, Cancel))
        {
            // Only counted.
        }

        await backend.DeleteAsync(file.Handle, Cancel);

        var expected = new BackendUsage
        {
            Saves = 1,
            Reads = 3,
            Lists = 1,
            Sizes = 1,
            Deletes = 1,
            Failures = 1,
            BytesSaved = 1000,
            BytesRead = 1200,
        };
        Assert.Equal(expected, backend.Usage);
    }

    [Fact]
    public async Task A_limit_is_kept_and_lock_files_pass_it()
    {
        var gate = new GatedBackend(_memory);
        await using var backend = new LimitedBackend(gate, 2);

        var reads = Enumerable.Range(0, 5).Select(_ => backend.SizeAsync(FileHandle.Config, Cancel)).ToList();
        await Eventually.TrueAsync(
            "two operations to run",
            () => Task.FromResult(gate.Running == 2),
            cancellationToken: Cancel
        );
        var refresh = backend.SizeAsync(StoredFile.Of(FileKind.Lock, 1).Handle, Cancel);

        Assert.Equal(3, gate.Running);
        gate.Open();
        await Task.WhenAll([.. reads, refresh]);
        Assert.Equal(3, gate.Most);
    }

    [Fact]
    public async Task With_one_connection_a_listing_lets_its_consumer_read()
    {
        await using var backend = new LimitedBackend(_memory, 1);
        await StoredFile.Of(FileKind.Index, 10, "a").SaveToAsync(backend, Cancel);
        await StoredFile.Of(FileKind.Index, 10, "b").SaveToAsync(backend, Cancel);
        var read = 0;

        await foreach (var entry in backend.ListAsync(FileKind.Index, Cancel))
        {
            read += (await backend.ReadAllAsync(new FileHandle(FileKind.Index, entry.Name), Cancel)).Length;
        }

        Assert.Equal(20, read);
    }

    [Fact]
    public async Task Uploads_and_downloads_take_the_time_that_their_limits_ask_for()
    {
        var time = new SkippingTime();
        await using var backend = new ThrottledBackend(
            _memory,
            ByteSize.FromKibibytes(64),
            ByteSize.FromKibibytes(128),
            time
        );
        var file = StoredFile.Of(FileKind.Pack, 640 * 1024);

        await file.SaveToAsync(backend, Cancel);
        var upload = time.Slept;
        await backend.ReadAllAsync(file.Handle, Cancel);
        await backend.ReadAsync(file.Handle, 0, new byte[128 * 1024], Cancel);
        await backend.ReadAsync(file.Handle, 0, new byte[1], Cancel);
        var download = time.Slept - upload;

        Assert.Equal(10, upload.TotalSeconds, 0.01);
        Assert.Equal(6, download.TotalSeconds, 0.01);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.000 KiB")]
    [InlineData(3573547, "3.408 MiB")]
    [InlineData(5L << 30, "5.000 GiB")]
    [InlineData(3L << 39, "1.500 TiB")]
    public void Sizes_print_as_restic_prints_them(long bytes, string expected) =>
        Assert.Equal(expected, new ByteSize(bytes).ToString());

    [Fact]
    public void A_secret_prints_redacted()
    {
        var secret = new Secret("hunter2");

        Assert.Equal("(redacted)", $"{secret}");
        Assert.Equal("hunter2", secret.Reveal());
    }

    private sealed class GatedBackend(IBackend inner) : DelegatingBackend(inner)
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _running,
            _most;

        public int Running => Volatile.Read(ref _running);

        public int Most => Volatile.Read(ref _most);

        public void Open() => _open.SetResult();

        public override async Task<long?> SizeAsync(FileHandle handle, CancellationToken cancellationToken)
        {
            var now = Interlocked.Increment(ref _running);
            InterlockedMax(ref _most, now);
            await _open.Task;
            Interlocked.Decrement(ref _running);
            return null;
        }

        private static void InterlockedMax(ref int target, int value)
        {
            int seen;
            while (
                (seen = Volatile.Read(ref target)) < value
                && Interlocked.CompareExchange(ref target, value, seen) != seen
            ) { }
        }
    }
}
