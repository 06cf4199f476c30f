using Granary.Storage.Contract;
using Granary.Storage.Decorators;
using Granary.TestSupport;

namespace Granary.Storage.Tests.Core;

public sealed class RetryingBackendTests : IAsyncDisposable
{
    private readonly MemoryBackend _memory = new();
    private readonly FaultyBackend _faulty;
    private readonly SkippingTime _time = new();
    private readonly List<RetryNotice> _notices = [];

    public RetryingBackendTests() => _faulty = new FaultyBackend(_memory);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _faulty.DisposeAsync();

    [Fact]
    public async Task A_passing_fault_is_tried_again_and_announced()
    {
        await using var backend = Retrying();
        var file = StoredFile.Of(FileKind.Pack, 100);
        _faulty.Fail(StorageOperation.Save, 1, Fault.Error);

        await file.SaveToAsync(backend, Cancel);

        Assert.Equal(file.Bytes, _memory.Files[file.Handle]);
        var notice = Assert.Single(_notices);
        Assert.Equal(("save", 1, TimeSpan.FromSeconds(1)), (notice.Operation, notice.Attempt, notice.Delay));
        Assert.Equal(file.Handle, notice.Error.Handle);
    }

    [Theory]
    [InlineData(Fault.Denied, StorageError.AccessDenied)]
    [InlineData(Fault.Full, StorageError.Full)]
    [InlineData(Fault.ShortRead, StorageError.Truncated)]
    public async Task A_permanent_fault_is_final_at_once(Fault fault, StorageError expected)
    {
        await using var backend = Retrying();
        var file = StoredFile.Of(FileKind.Pack, 100);
        await file.SaveToAsync(backend, Cancel);
        _faulty.Fail(StorageOperation.Read, 1, fault);

        var error = await Assert.ThrowsAsync<StorageException>(() =>
            backend.ReadAsync(file.Handle, 0, new byte[10], Cancel)
        );

        Assert.Equal(expected, error.Error);
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task Waits_double_up_to_a_minute_and_end_after_a_quarter_of_an_hour()
    {
        await using var backend = Retrying();
        _faulty.Plan = (_, _, _) => Fault.Error;

        await Assert.ThrowsAsync<StorageException>(() => backend.SizeAsync(FileHandle.Config, Cancel));

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], _notices.Take(8).Select(notice => notice.Delay.TotalSeconds));
        Assert.InRange(_time.Slept, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(16));
        Assert.Equal(_notices.Count + 1, _faulty.Log.Count);
    }

    [Theory]
    [InlineData(0.0, 1.0)]
    [InlineData(0.999999, 0.5)]
    public async Task Each_wait_is_shortened_by_up_to_half(double random, double expected)
    {
        await using var backend = Retrying(new RetryOptions { Randomizer = () => random });
        _faulty.Fail(StorageOperation.Size, 1, Fault.Error);

        await backend.SizeAsync(FileHandle.Config, Cancel);

        Assert.Equal(expected, Assert.Single(_notices).Delay.TotalSeconds, 4);
    }

    [Fact]
    public async Task The_longest_waits_are_spread_too_so_that_workers_do_not_come_back_together()
    {
        var random = new Random(7);
        await using var backend = Retrying(new RetryOptions { Randomizer = random.NextDouble });
        _faulty.Plan = (_, _, _) => Fault.Error;

        await Assert.ThrowsAsync<StorageException>(() => backend.SizeAsync(FileHandle.Config, Cancel));

        var longest = _notices.Skip(6).Select(notice => notice.Delay.TotalSeconds).ToList();
        Assert.All(longest, seconds => Assert.InRange(seconds, 30, 60));
        Assert.Equal(longest.Count, longest.Distinct().Count());
        Assert.True(longest.Max() - longest.Min() > 10, string.Join(' ', longest));
    }

    [Fact]
    public async Task One_retry_is_made_even_when_no_time_is_left()
    {
        await using var backend = Retrying(new RetryOptions { GiveUpAfter = TimeSpan.Zero, Randomizer = () => 0 });
        _faulty.Fail(StorageOperation.Size, 1, Fault.TimeOut);

        Assert.Null(await backend.SizeAsync(FileHandle.Config, Cancel));
    }

    [Theory]
    [InlineData(FileKind.Pack)]
    [InlineData(FileKind.Config)]
    public async Task A_save_whose_reply_was_lost_counts_as_stored(FileKind kind)
    {
        await using var backend = Retrying();
        var file = StoredFile.Of(kind, 155);
        _faulty.Fail(StorageOperation.Save, 1, Fault.Late);

        await file.SaveToAsync(backend, Cancel);

        Assert.Equal(file.Bytes, _memory.Files[file.Handle]);
    }

    [Fact]
    public async Task A_name_taken_by_a_file_of_another_size_is_refused_also_after_a_retry()
    {
        await using var backend = Retrying();
        var file = StoredFile.Of(FileKind.Pack, 155);
        _memory.Files[file.Handle] = new byte[20];
        _faulty.Fail(StorageOperation.Save, 1, Fault.Error);

        var error = await Assert.ThrowsAsync<StorageException>(() => file.SaveToAsync(backend, Cancel));

        Assert.Equal(StorageError.AlreadyExists, error.Error);
    }

    [Fact]
    public async Task Another_programs_config_is_not_taken_for_ours_though_it_has_our_size()
    {
        await using var backend = Retrying();
        _memory.Files[FileHandle.Config] = StoredFile.Of(FileKind.Config, 155, "theirs").Bytes;
        _faulty.Fail(StorageOperation.Save, 1, Fault.Error);

        var error = await Assert.ThrowsAsync<StorageException>(() =>
            StoredFile.Of(FileKind.Config, 155, "ours").SaveToAsync(backend, Cancel)
        );

        Assert.Equal(StorageError.AlreadyExists, error.Error);
    }

    [Fact]
    public async Task A_taken_name_is_refused_on_the_first_try()
    {
        await using var backend = Retrying();
        var file = StoredFile.Of(FileKind.Pack, 155);
        await file.SaveToAsync(backend, Cancel);

        var error = await Assert.ThrowsAsync<StorageException>(() => file.SaveToAsync(backend, Cancel));

        Assert.Equal(StorageError.AlreadyExists, error.Error);
    }

    [Fact]
    public async Task A_listing_that_breaks_is_begun_again_without_repeating_names()
    {
        await using var backend = Retrying();
        var files = Enumerable.Range(0, 50).Select(number => StoredFile.Of(FileKind.Index, 10, $"{number}")).ToList();
        foreach (var file in files)
        {
            await file.SaveToAsync(backend, Cancel);
        }

        _faulty.Fail(StorageOperation.List, 1, Fault.Late).Fail(StorageOperation.List, 2, Fault.Error);
        var names = new List<string>();
        await foreach (var entry in backend.ListAsync(FileKind.Index, Cancel))
        {
            names.Add(entry.Name);
        }

        Assert.Equal(
            files.Select(file => file.Handle.Name).Order(StringComparer.Ordinal),
            names.Order(StringComparer.Ordinal)
        );
        Assert.Equal(3, _faulty.Log.Count(entry => entry.Operation == StorageOperation.List));
    }

    [Fact]
    public async Task Cancellation_ends_the_wait()
    {
        using var cancellation = new CancellationTokenSource();
        await using var backend = new RetryingBackend(_faulty, new RetryOptions(), TimeProvider.System, _ =>
            cancellation.Cancel()
        );
        _faulty.Plan = (_, _, _) => Fault.Error;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            backend.SizeAsync(FileHandle.Config, cancellation.Token)
        );

        Assert.Single(_faulty.Log);
    }

    private RetryingBackend Retrying(RetryOptions? options = null) =>
        new(_faulty, options ?? new RetryOptions { Randomizer = () => 0 }, _time, _notices.Add);
}
