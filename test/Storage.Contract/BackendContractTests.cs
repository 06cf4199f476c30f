using Granary.TestSupport;
using Xunit;

namespace Granary.Storage.Contract;

/// <summary>
/// What every <see cref="IBackend"/> promises. A provider's tests derive from it and inherit all of them.
/// </summary>
/// <remarks>
/// xUnit makes one instance for each test; <see cref="Open"/> must lead to a store of that test's own, empty and
/// unprepared.
/// </remarks>
public abstract class BackendContractTests
{
    /// <summary>The kinds that have names.</summary>
    public static TheoryData<FileKind> NamedKinds =>
        [FileKind.Key, FileKind.Pack, FileKind.Index, FileKind.Snapshot, FileKind.Lock];

    /// <summary>All kinds.</summary>
    public static TheoryData<FileKind> Kinds => [FileKind.Config, .. NamedKinds.Select(row => row.Data)];

    /// <summary>The running test's cancellation.</summary>
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Texts that must not appear in a location or a message.</summary>
    protected virtual IReadOnlyList<string> Credentials => [];

    /// <summary>Enough files for a listing to need several pages.</summary>
    protected virtual int ManyFiles => 1100;

    /// <summary>Enough bytes for the provider to upload in parts.</summary>
    protected virtual int BigLength => 9 << 20;

    /// <summary>
    /// Whether the store itself decides who was first. A test server may be weaker than the real one.
    /// </summary>
    protected virtual bool CreateOnlyIsAtomic => true;

    /// <summary>A backend on this test's store.</summary>
    protected abstract IBackend Open(string prefix = "backups/shop");

    /// <summary>Puts a file into the store behind the backend's back.</summary>
    /// <param name="relativePath">
    /// Relative to the repository's root, under the prefix that <see cref="Open"/> has by default.
    /// </param>
    /// <param name="content">The bytes.</param>
    protected abstract Task AddForeignAsync(string relativePath, byte[] content);

    [Fact]
    public async Task Preparing_again_does_nothing()
    {
        await using var backend = await PreparedAsync();

        await backend.PrepareAsync(Cancel);

        await StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Cancel);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_saved_file_reads_back(FileKind kind)
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(kind, 5000);

        await file.SaveToAsync(backend, Cancel);

        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Cancel));
        Assert.Equal(5000, await backend.SizeAsync(file.Handle, Cancel));
    }

    [Fact]
    public async Task An_empty_file_is_a_file()
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Index, 0);

        await file.SaveToAsync(backend, Cancel);

        Assert.Empty(await backend.ReadAllAsync(file.Handle, Cancel));
        Assert.Equal(0, await backend.SizeAsync(file.Handle, Cancel));
        Assert.Equal([new FileEntry(file.Handle.Name, 0)], await ListAsync(backend, FileKind.Index));
    }

    [Fact]
    public async Task A_big_file_reads_back()
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Pack, BigLength);

        await file.SaveToAsync(backend, Cancel);

        Assert.Equal(BigLength, await backend.SizeAsync(file.Handle, Cancel));
        var read = await backend.ReadAllAsync(file.Handle, Cancel);
        Assert.True(read.AsSpan().SequenceEqual(file.Bytes));
    }

    [Fact]
    public async Task A_big_file_is_not_replaced_either()
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Pack, BigLength);
        await file.SaveToAsync(backend, Cancel);

        await FailsAsync(StorageError.AlreadyExists, () => file.SaveToAsync(backend, Cancel));
    }

    [Fact]
    public async Task Content_is_read_from_its_start_and_stays_open()
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Snapshot, 3000);
        using var content = new MemoryStream(file.Bytes, writable: false);
        content.Position = 1234;

        await backend.SaveAsync(file.Handle, content, SaveMode.CreateOnly, Cancel);

        Assert.True(content.CanRead);
        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Cancel));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_taken_name_is_refused(FileKind kind)
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(kind, 700);
        await file.SaveToAsync(backend, Cancel);

        await FailsAsync(StorageError.AlreadyExists, () => file.SaveToAsync(backend, Cancel));
    }

    [Fact]
    public async Task A_refused_config_does_not_harm_the_first()
    {
        await using var backend = await PreparedAsync();
        var first = StoredFile.Of(FileKind.Config, 155, "first");
        await first.SaveToAsync(backend, Cancel);

        await FailsAsync(StorageError.AlreadyExists, () =>
            StoredFile.Of(FileKind.Config, 155, "second").SaveToAsync(backend, Cancel)
        );

        Assert.Equal(first.Bytes, await backend.ReadAllAsync(FileHandle.Config, Cancel));
    }

    [Fact]
    public async Task The_config_can_be_replaced()
    {
        await using var backend = await PreparedAsync();
        await StoredFile.Of(FileKind.Config, 155, "old").SaveToAsync(backend, Cancel);
        using var content = new MemoryStream(SeededBytes.Random("new", 160));

        await backend.SaveAsync(FileHandle.Config, content, SaveMode.Replace, Cancel);

        Assert.Equal(content.ToArray(), await backend.ReadAllAsync(FileHandle.Config, Cancel));
    }

    [Fact]
    public async Task Replacing_nothing_creates()
    {
        await using var backend = await PreparedAsync();
        using var content = new MemoryStream(SeededBytes.Random("new", 160));

        await backend.SaveAsync(FileHandle.Config, content, SaveMode.Replace, Cancel);

        Assert.Equal(content.ToArray(), await backend.ReadAllAsync(FileHandle.Config, Cancel));
    }

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(0, 1)]
    [InlineData(250, 500)]
    [InlineData(999, 1)]
    [InlineData(17, 0)]
    [InlineData(1000, 0)]
    public async Task A_range_reads_exactly(int offset, int length)
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Pack, 1000);
        await file.SaveToAsync(backend, Cancel);
        var buffer = new byte[length + 2];

        await backend.ReadAsync(file.Handle, offset, buffer.AsMemory(1, length), Cancel);

        Assert.Equal([0, .. file.Bytes.AsSpan(offset, length), 0], buffer);
    }

    [Theory]
    [InlineData(0, 1001)]
    [InlineData(999, 2)]
    [InlineData(1000, 1)]
    [InlineData(5000, 10)]
    [InlineData(1001, 0)]
    public async Task A_range_past_the_end_is_truncated(int offset, int length)
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Pack, 1000);
        await file.SaveToAsync(backend, Cancel);

        var error = await FailsAsync(StorageError.Truncated, () =>
            backend.ReadAsync(file.Handle, offset, new byte[length], Cancel)
        );

        Assert.False(error.IsTransient);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_missing_file_is_not_found(FileKind kind)
    {
        await using var backend = await PreparedAsync();
        var handle = StoredFile.Of(kind, 1).Handle;

        Assert.Null(await backend.SizeAsync(handle, Cancel));
        await FailsAsync(StorageError.NotFound, () => backend.ReadAllAsync(handle, Cancel));
        await FailsAsync(StorageError.NotFound, () => backend.ReadAsync(handle, 0, new byte[1], Cancel));
        await FailsAsync(StorageError.NotFound, () => backend.ReadAsync(handle, 0, Memory<byte>.Empty, Cancel));
    }

    [Theory]
    [MemberData(nameof(NamedKinds))]
    public async Task A_listing_has_the_files_of_its_kind(FileKind kind)
    {
        await using var backend = await PreparedAsync();
        await StoredFile.Of(FileKind.Config, 155).SaveToAsync(backend, Cancel);
        var expected = new List<FileEntry>();
        foreach (var other in NamedKinds.Select(row => row.Data))
        {
            for (var number = 0; number < 3; number++)
            {
                var file = StoredFile.Of(other, 100 + number, $"{other}{number}");
                await file.SaveToAsync(backend, Cancel);
                if (other == kind)
                {
                    expected.Add(new FileEntry(file.Handle.Name, 100 + number));
                }
            }
        }

        var listed = await ListAsync(backend, kind);

        Assert.Equal(expected.OrderBy(entry => entry.Name, StringComparer.Ordinal), listed);
    }

    [Theory]
    [MemberData(nameof(NamedKinds))]
    public async Task An_empty_folder_lists_as_empty(FileKind kind)
    {
        await using var backend = await PreparedAsync();

        Assert.Empty(await ListAsync(backend, kind));
    }

    [Theory]
    [InlineData(FileKind.Pack)]
    [InlineData(FileKind.Key)]
    public async Task A_store_that_was_never_prepared_lists_as_empty(FileKind kind)
    {
        await using var backend = Open();

        Assert.Empty(await ListAsync(backend, kind));
    }

    [Fact]
    public async Task A_store_that_was_never_prepared_has_no_config()
    {
        await using var backend = Open();

        Assert.Null(await backend.SizeAsync(FileHandle.Config, Cancel));
        await FailsAsync(StorageError.NotFound, () => backend.ReadAllAsync(FileHandle.Config, Cancel));
    }

    [Fact]
    public async Task Foreign_files_are_not_listed()
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Key, 10);
        await file.SaveToAsync(backend, Cancel);
        await AddForeignAsync($"keys/{file.Handle.Name}-tmp-0123456789", [1]);
        await AddForeignAsync("keys/README", [1]);
        await AddForeignAsync($"keys/{new string('A', 64)}", [1]);
        await AddForeignAsync($"keys/{new string('g', 64)}", [1]);
        await AddForeignAsync($"keys/{new string('0', 63)}", [1]);

        Assert.Equal([new FileEntry(file.Handle.Name, 10)], await ListAsync(backend, FileKind.Key));
    }

    [Fact]
    public async Task A_long_listing_is_complete()
    {
        await using var backend = await PreparedAsync();
        var files = Enumerable
            .Range(0, ManyFiles)
            .Select(number => StoredFile.Of(FileKind.Snapshot, 8, $"{number}"))
            .ToList();
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel },
            async (file, token) => await file.SaveToAsync(backend, token)
        );

        var listed = await ListAsync(backend, FileKind.Snapshot);

        Assert.Equal(
            files.Select(file => file.Handle.Name).Order(StringComparer.Ordinal),
            listed.Select(entry => entry.Name)
        );
    }

    [Fact]
    public async Task A_deleted_file_is_gone()
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Lock, 100);
        await file.SaveToAsync(backend, Cancel);

        await backend.DeleteAsync(file.Handle, Cancel);

        Assert.Null(await backend.SizeAsync(file.Handle, Cancel));
        Assert.Empty(await ListAsync(backend, FileKind.Lock));
        await file.SaveToAsync(backend, Cancel);
    }

    [Fact]
    public async Task Deleting_what_is_not_there_succeeds()
    {
        await using var backend = await PreparedAsync();

        await backend.DeleteAsync(StoredFile.Of(FileKind.Pack, 100).Handle, Cancel);
        await backend.DeleteAsync(FileHandle.Config, Cancel);
    }

    [Fact]
    public async Task Of_concurrent_saves_of_one_name_one_wins()
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Pack, 200_000);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TrySaveAsync(backend, file)));

        Assert.Equal(8, outcomes.Count(error => error is null or StorageError.AlreadyExists));
        Assert.InRange(outcomes.Count(error => error is null), 1, CreateOnlyIsAtomic ? 1 : 8);
        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Cancel));
        Assert.Single(await ListAsync(backend, FileKind.Pack));
    }

    [Fact]
    public async Task Many_files_are_saved_and_read_at_once()
    {
        await using var backend = await PreparedAsync();
        var files = Enumerable
            .Range(0, 16)
            .Select(number => StoredFile.Of(FileKind.Pack, 30_000 + number, $"{number}"))
            .ToList();

        await Task.WhenAll(files.Select(file => file.SaveToAsync(backend, Cancel)));
        var read = await Task.WhenAll(files.Select(file => backend.ReadAllAsync(file.Handle, Cancel)));

        Assert.Equal(files.Select(file => file.Bytes), read);
    }

    [Fact]
    public async Task A_cancelled_save_leaves_nothing_visible()
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Pack, BigLength);
        using var cancellation = new CancellationTokenSource();
        using var content = new CancellingStream(file.Bytes, cancellation);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            backend.SaveAsync(file.Handle, content, SaveMode.CreateOnly, cancellation.Token)
        );

        Assert.Null(await backend.SizeAsync(file.Handle, Cancel));
        Assert.Empty(await ListAsync(backend, FileKind.Pack));
        await file.SaveToAsync(backend, Cancel);
    }

    [Fact]
    public async Task Cancellation_before_the_start_is_cancellation()
    {
        await using var backend = await PreparedAsync();
        var file = StoredFile.Of(FileKind.Key, 10);
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => file.SaveToAsync(backend, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => backend.ReadAllAsync(file.Handle, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => backend.SizeAsync(file.Handle, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => backend.DeleteAsync(file.Handle, cancelled));
        Assert.Null(await backend.SizeAsync(file.Handle, Cancel));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/a//b/")]
    [InlineData("übung/mit leer+zeichen")]
    public async Task Any_prefix_works(string prefix)
    {
        await using var backend = Open(prefix);
        await backend.PrepareAsync(Cancel);
        var file = StoredFile.Of(FileKind.Pack, 100);

        await file.SaveToAsync(backend, Cancel);
        await StoredFile.Of(FileKind.Config, 155).SaveToAsync(backend, Cancel);

        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Cancel));
        Assert.Equal([new FileEntry(file.Handle.Name, 100)], await ListAsync(backend, FileKind.Pack));
    }

    [Fact]
    public async Task Repositories_under_two_prefixes_do_not_see_each_other()
    {
        await using var shop = Open("shop");
        await using var shops = Open("shop2");
        await shop.PrepareAsync(Cancel);
        await shops.PrepareAsync(Cancel);

        await StoredFile.Of(FileKind.Pack, 100).SaveToAsync(shop, Cancel);

        Assert.Empty(await ListAsync(shops, FileKind.Pack));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("ABCDEF")]
    public async Task A_name_that_the_format_cannot_give_is_our_own_mistake(string name)
    {
        await using var backend = Open();

        await Assert.ThrowsAnyAsync<ArgumentException>(() =>
            backend.ReadAllAsync(new FileHandle(FileKind.Key, name), Cancel)
        );
    }

    [Fact]
    public async Task Location_and_messages_hold_no_credential()
    {
        await using var backend = await PreparedAsync();

        var error = await FailsAsync(StorageError.NotFound, () => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.StartsWith(backend.Location, error.Message, StringComparison.Ordinal);
        Assert.All(Credentials, secret =>
        {
            Assert.DoesNotContain(secret, backend.Location, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, error.ToString(), StringComparison.Ordinal);
        });
    }

    /// <summary>Lists a kind, sorted by name.</summary>
    protected static async Task<List<FileEntry>> ListAsync(IBackend backend, FileKind kind)
    {
        var entries = new List<FileEntry>();
        await foreach (var entry in backend.ListAsync(kind, Cancel))
        {
            entries.Add(entry);
        }

        return [.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    /// <summary>Asserts that an operation fails in one way.</summary>
    protected static async Task<StorageException> FailsAsync(StorageError expected, Func<Task> operation)
    {
        var error = await Assert.ThrowsAsync<StorageException>(operation);
        Assert.Equal((expected, error.Message), (error.Error, error.Message));
        return error;
    }

    private static async Task<StorageError?> TrySaveAsync(IBackend backend, StoredFile file)
    {
        try
        {
            await file.SaveToAsync(backend, Cancel);
            return null;
        }
        catch (StorageException e)
        {
            return e.Error;
        }
    }

    private async Task<IBackend> PreparedAsync()
    {
        var backend = Open();
        await backend.PrepareAsync(Cancel);
        return backend;
    }
}
