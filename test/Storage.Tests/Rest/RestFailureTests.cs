using Granary.Storage.Contract;
using Granary.Storage.Decorators;
using Granary.Storage.Http;
using Granary.Storage.Rest;
using Granary.TestSupport;
using Granary.TestSupport.Servers;
using Granary.TestSupport.StandIns;
using Microsoft.AspNetCore.Http;

namespace Granary.Storage.Tests.Rest;

/// <summary>What users are told when a REST server does not do as asked.</summary>
public sealed class RestFailureTests(RestFixture rest) : IClassFixture<RestFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task User_and_password_may_stand_in_the_address_and_do_not_appear_in_messages()
    {
        var account = $"{Uri.EscapeDataString(RestFixture.User)}:{Uri.EscapeDataString(RestFixture.Password)}";
        await using var backend = Open(
            $"rest:{rest.Url.Replace("://", $"://{account}@", StringComparison.Ordinal)}in-url"
        );
        await backend.PrepareAsync(Cancel);

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.Equal(StorageError.NotFound, error.Error);
        Assert.Equal($"rest:{rest.Url}in-url/", backend.Location);
        Assert.DoesNotContain("wörd", Uri.UnescapeDataString(error.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_access_denied()
    {
        await using var backend = RestBackend.Create(
            new RestOptions
            {
                Url = rest.Url,
                UserName = RestFixture.User,
                Password = new Secret("wrong"),
                Transport = new TransportOptions { CaCertificate = rest.CaCertificate },
            },
            TimeProvider.System
        );

        var error = await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel));

        Assert.Equal(StorageError.AccessDenied, error.Error);
        Assert.Contains("401", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_authority_is_refused()
    {
        await using var backend = RestBackend.Create(new RestOptions { Url = rest.Url }, TimeProvider.System);

        Assert.Equal(
            StorageError.Invalid,
            (await Assert.ThrowsAsync<StorageException>(() => backend.ReadAllAsync(FileHandle.Config, Cancel))).Error
        );
    }

    [Theory]
    [InlineData("host:8000/path")]
    [InlineData("s3:http://user:hunter2@host/")]
    [InlineData("")]
    public void An_address_that_cannot_work_is_refused_without_repeating_a_password(string url)
    {
        var error = Assert.Throws<StorageException>(() => Open(url));

        Assert.Equal(StorageError.Invalid, error.Error);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_append_only_server_takes_new_files_and_deletes_locks_only()
    {
        using var folder = new TempDirectory();
        await using var server = await RestServer.StartAsync(folder.Path, appendOnly: true, cancellationToken: Cancel);
        await using var backend = Open(server.Url + "repo");
        await backend.PrepareAsync(Cancel);
        var pack = StoredFile.Of(FileKind.Pack, 100);
        var config = StoredFile.Of(FileKind.Config, 155);
        var heldLock = StoredFile.Of(FileKind.Lock, 100);
        await pack.SaveToAsync(backend, Cancel);
        await config.SaveToAsync(backend, Cancel);
        await heldLock.SaveToAsync(backend, Cancel);

        await backend.DeleteAsync(heldLock.Handle, Cancel);
        var delete = await Assert.ThrowsAsync<StorageException>(() => backend.DeleteAsync(pack.Handle, Cancel));
        using var newConfig = new MemoryStream([1, 2, 3]);
        var replace = await Assert.ThrowsAsync<StorageException>(() =>
            backend.SaveAsync(FileHandle.Config, newConfig, SaveMode.Replace, Cancel)
        );

        Assert.Equal(StorageError.AccessDenied, delete.Error);
        Assert.Equal(StorageError.AccessDenied, replace.Error);
        Assert.Equal(config.Bytes, await backend.ReadAllAsync(FileHandle.Config, Cancel));
    }

    [Fact]
    public async Task After_a_lost_reply_an_append_only_server_keeps_what_it_has()
    {
        using var folder = new TempDirectory();
        await using var server = await RestServer.StartAsync(folder.Path, appendOnly: true, cancellationToken: Cancel);
        await using var backend = new RetryingBackend(
            new FaultyBackend(Open(server.Url + "repo")).Fail(StorageOperation.Save, 1, Fault.Late),
            new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(1) },
            TimeProvider.System
        );
        await backend.PrepareAsync(Cancel);
        var file = StoredFile.Of(FileKind.Pack, 1000);

        await file.SaveToAsync(backend, Cancel);

        Assert.Equal(file.Bytes, await backend.ReadAllAsync(file.Handle, Cancel));
    }

    [Fact]
    public async Task Bytes_that_do_not_hash_to_their_name_are_a_passing_fault()
    {
        using var folder = new TempDirectory();
        await using var server = await RestServer.StartAsync(folder.Path, cancellationToken: Cancel);
        await using var backend = Open(server.Url);
        await backend.PrepareAsync(Cancel);
        var damaged = new StoredFile(StoredFile.Of(FileKind.Pack, 10).Handle, [1, 2, 3]);

        var error = await Assert.ThrowsAsync<StorageException>(() => damaged.SaveToAsync(backend, Cancel));

        Assert.True(error.IsTransient);
        Assert.Null(await backend.SizeAsync(damaged.Handle, Cancel));
    }

    [Fact]
    public async Task A_server_of_version_one_is_asked_for_each_size()
    {
        var names = Enumerable
            .Range(0, 3)
            .Select(number => StoredFile.Of(FileKind.Index, 5, $"{number}").Handle.Name)
            .ToList();
        var listed = names.ToList();
        await using var server = await StubServer.StartAsync(async context =>
        {
            if (HttpMethods.IsHead(context.Request.Method))
            {
                // One of them is deleted between the listing and the question.
                var isGone = context.Request.Path.Value!.EndsWith(names[1], StringComparison.Ordinal);
                context.Response.StatusCode = isGone ? 404 : 200;
                context.Response.ContentLength = 77;
                listed.RemoveAll(name => isGone && name == names[1]);
                return;
            }

            await context.Response.WriteAsync($"[\"{string.Join("\",\"", listed)}\",\"README\"]", Cancel);
        });
        await using var backend = new RetryingBackend(
            Open(server.Url),
            new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(1) },
            TimeProvider.System
        );
        var entries = new List<FileEntry>();

        await foreach (var entry in backend.ListAsync(FileKind.Index, Cancel))
        {
            entries.Add(entry);
        }

        Assert.Equal([new FileEntry(names[0], 77), new FileEntry(names[2], 77)], entries);
    }

    [Theory]
    [InlineData(507, StorageError.Full)]
    [InlineData(503, StorageError.Transient)]
    [InlineData(403, StorageError.AccessDenied)]
    [InlineData(302, StorageError.Invalid)]
    public async Task Statuses_are_told_apart(int status, StorageError expected)
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, Cancel);
            context.Response.StatusCode = HttpMethods.IsHead(context.Request.Method) ? 404 : status;
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await context.Response.WriteAsync("the server's words\n", Cancel);
            }
        });
        await using var backend = Open(server.Url);

        var error = await Assert.ThrowsAsync<StorageException>(() =>
            StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Cancel)
        );

        Assert.Equal(expected, error.Error);
        Assert.Contains("the server's words", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_that_breaks_off_is_a_passing_fault()
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            context.Response.StatusCode = context.Request.Headers.Range.Count > 0 ? 206 : 200;
            context.Response.ContentLength = 1000;
            await context.Response.Body.WriteAsync(new byte[10], Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            context.Abort();
        });
        await using var backend = Open(server.Url);
        Func<Task>[] operations =
        [
            () => backend.ReadAllAsync(FileHandle.Config, Cancel),
            () => backend.ReadAsync(FileHandle.Config, 0, new byte[1000], Cancel),
            async () => await backend.ListAsync(FileKind.Key, Cancel).GetAsyncEnumerator(Cancel).MoveNextAsync(),
        ];

        foreach (var operation in operations)
        {
            Assert.True((await Assert.ThrowsAsync<StorageException>(operation)).IsTransient);
        }
    }

    [Fact]
    public Task An_upload_whose_connection_is_reset_is_not_sent_again_by_anybody_but_the_layer_that_retries() =>
        ResetUpload.IsSentOnceAsync(server => Open(server.Url));

    [Fact]
    public async Task A_server_that_ignores_ranges_is_refused_instead_of_misread()
    {
        await using var server = await StubServer.StartAsync(context =>
            context.Response.WriteAsync("the whole file", Cancel)
        );
        await using var backend = Open(server.Url);

        var error = await Assert.ThrowsAsync<StorageException>(() =>
            backend.ReadAsync(FileHandle.Config, 4, new byte[3], Cancel)
        );

        Assert.Equal(StorageError.Invalid, error.Error);
    }

    [Fact]
    public async Task A_page_made_for_people_is_not_taken_for_a_listing_nor_repeated()
    {
        await using var server = await StubServer.StartAsync(context =>
            context.Response.WriteAsync("<html>Welcome</html>", Cancel)
        );
        await using var backend = Open(server.Url);

        var error = await Assert.ThrowsAsync<StorageException>(async () =>
            await backend.ListAsync(FileKind.Key, Cancel).GetAsyncEnumerator(Cancel).MoveNextAsync()
        );

        Assert.Equal(StorageError.Invalid, error.Error);
    }

    [Fact]
    public void Options_do_not_print_a_password()
    {
        var options = new RestOptions { Url = "https://user:hunter2@host/", Password = new Secret("hunter2") };

        Assert.DoesNotContain("hunter2", options.ToString(), StringComparison.Ordinal);
    }

    private static RestBackend Open(string url) =>
        RestBackend.Create(
            new RestOptions
            {
                Url = url,
                Transport = new TransportOptions { InsecureTls = true },
            },
            TimeProvider.System
        );
}
