using Granary.TestSupport;
using Xunit;

namespace Granary.Storage.Contract;

public abstract partial class BackendContractTests
{
    /// <summary>Puts a file into the store behind the backend's back.</summary>
    /// <param name="relativePath">
    /// Relative to the repository's root, under the prefix that <see cref="Open"/> has by default.
    /// </param>
    /// <param name="content">The bytes.</param>
    protected abstract Task AddForeignAsync(string relativePath, byte[] content);

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
}
