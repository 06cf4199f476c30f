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
public abstract partial class BackendContractTests
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

    [Fact]
    public async Task A_store_that_was_never_prepared_has_no_config()
    {
        await using var backend = Open();

        Assert.Null(await backend.SizeAsync(FileHandle.Config, Cancel));
        await FailsAsync(StorageError.NotFound, () => backend.ReadAllAsync(FileHandle.Config, Cancel));
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

    /// <summary>Asserts that an operation fails in one way.</summary>
    protected static async Task<StorageException> FailsAsync(StorageError expected, Func<Task> operation)
    {
        var error = await Assert.ThrowsAsync<StorageException>(operation);
        Assert.Equal((expected, error.Message), (error.Error, error.Message));
        return error;
    }

    private async Task<IBackend> PreparedAsync()
    {
        var backend = Open();
        await backend.PrepareAsync(Cancel);
        return backend;
    }
}
