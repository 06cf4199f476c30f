using System.Diagnostics;
using Granary.Storage.Contract;
using Granary.Storage.Local;
using Granary.TestSupport;

namespace Granary.Storage.Tests.Local;

public sealed class LocalBackendTests : BackendContractTests, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly TempDirectory _folder = new();

    // A directory has no pages, and each file waits for the disk.
    protected override int ManyFiles => 100;

    public void Dispose() => _folder.Dispose();

    protected override IBackend Open(string prefix = "backups/shop") => At(_folder.Path + "/" + prefix);

    protected override async Task AddForeignAsync(string relativePath, byte[] content) =>
        await File.WriteAllBytesAsync(_folder["backups/shop/" + relativePath], content, Cancel);

    [Fact]
    public async Task Preparing_makes_every_folder_for_the_owner_only()
    {
        await using var backend = At(_folder["repo"]);

        await backend.PrepareAsync(Cancel);

        string[] expected = ["", "/data", "/data/00", "/data/ff", "/index", "/keys", "/locks", "/snapshots"];
        Assert.All(expected, name => Assert.Equal(OwnerOnly, File.GetUnixFileMode(_folder["repo"] + name)));
        Assert.Equal(256, Directory.GetDirectories(_folder["repo/data"]).Length);
    }

    [Fact]
    public async Task A_finished_file_can_only_be_read()
    {
        await using var backend = At(_folder["repo"]);
        await backend.PrepareAsync(Cancel);
        var file = StoredFile.Of(FileKind.Pack, 100);

        await file.SaveToAsync(backend, Cancel);

        var path = _folder[$"repo/data/{file.Handle.Name[..2]}/{file.Handle.Name}"];
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task A_repository_whose_config_the_group_may_read_is_shared_with_the_group()
    {
        await using (var backend = At(_folder["repo"]))
        {
            await backend.PrepareAsync(Cancel);
            await StoredFile.Of(FileKind.Config, 155).SaveToAsync(backend, Cancel);
        }

        File.SetUnixFileMode(_folder["repo/config"], UnixFileMode.UserRead | UnixFileMode.GroupRead);
        await using var shared = At(_folder["repo"]);
        var file = StoredFile.Of(FileKind.Key, 100);

        await file.SaveToAsync(shared, Cancel);

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.GroupRead,
            File.GetUnixFileMode(_folder["repo/keys/" + file.Handle.Name])
        );
    }

    [Fact]
    public async Task A_missing_root_is_not_made_by_a_save()
    {
        await using var backend = At(_folder["not-mounted"]);

        var error = await FailsAsync(StorageError.NotFound, () =>
            StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Cancel)
        );

        Assert.Contains("mounted", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["not-mounted"]));
    }

    [Fact]
    public async Task A_delete_on_a_disk_that_is_gone_did_not_happen()
    {
        await using var backend = At(_folder["not-mounted"]);

        var error = await FailsAsync(StorageError.NotFound, () =>
            backend.DeleteAsync(StoredFile.Of(FileKind.Pack, 10).Handle, Cancel)
        );

        Assert.Contains("mounted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delete_whose_file_cannot_even_be_looked_at_did_not_happen()
    {
        await using var backend = At(_folder["repo"]);
        await backend.PrepareAsync(Cancel);
        var pack = StoredFile.Of(FileKind.Pack, 10).Handle;
        var folder = _folder[$"repo/data/{pack.Name[..2]}"];
        Directory.Delete(folder);
        File.CreateSymbolicLink(folder, folder); // ELOOP, which a test can make, in place of EIO and ESTALE

        await FailsAsync(StorageError.Transient, () => backend.DeleteAsync(pack, Cancel));
    }

    [Theory]
    [InlineData(FileKind.Pack)]
    [InlineData(FileKind.Lock)]
    public async Task A_file_in_a_folder_that_is_missing_counts_as_deleted(FileKind kind)
    {
        await using var backend = At(_folder["repo"]);
        Directory.CreateDirectory(_folder["repo"]);

        await backend.DeleteAsync(StoredFile.Of(kind, 10).Handle, Cancel);
    }

    [Fact]
    public async Task A_missing_subfolder_is_made_by_a_save()
    {
        await using var backend = At(_folder["repo"]);
        Directory.CreateDirectory(_folder["repo"]);

        await StoredFile.Of(FileKind.Pack, 10).SaveToAsync(backend, Cancel);

        Assert.Single(await ListAsync(backend, FileKind.Pack));
    }

    [Fact]
    public async Task A_plain_file_or_a_stray_pack_under_data_is_skipped()
    {
        await using var backend = At(_folder["repo"]);
        await backend.PrepareAsync(Cancel);
        var stray = new string('a', 64);
        await File.WriteAllTextAsync(_folder["repo/data/zz"], "x", Cancel);
        await File.WriteAllTextAsync(_folder["repo/data/" + stray], "x", Cancel);
        await File.WriteAllTextAsync(_folder["repo/data/00/" + stray], "x", Cancel);

        Assert.Empty(await ListAsync(backend, FileKind.Pack));
    }

    [Fact]
    public async Task Leftovers_of_interrupted_saves_are_removed_and_nothing_else()
    {
        await using var backend = At(_folder["repo"]);
        await backend.PrepareAsync(Cancel);
        var file = StoredFile.Of(FileKind.Pack, 10);
        await file.SaveToAsync(backend, Cancel);
        var path = _folder[$"repo/data/{file.Handle.Name[..2]}/{file.Handle.Name}"];
        await File.WriteAllTextAsync($"{path}-tmp-{Guid.NewGuid():N}", "half", Cancel);
        await File.WriteAllTextAsync(_folder[$"repo/config-tmp-{Guid.NewGuid():N}"], "half", Cancel);
        await File.WriteAllTextAsync(_folder["repo/notes-tmp-of-mine"], "not ours", Cancel);

        Assert.Equal(2, await backend.RemoveLeftoversAsync(Cancel));

        Assert.True(File.Exists(_folder["repo/notes-tmp-of-mine"]));
        Assert.Equal(10, await backend.SizeAsync(file.Handle, Cancel));
        Assert.Equal(0, await backend.RemoveLeftoversAsync(Cancel));
    }

    [Fact]
    public async Task A_lock_that_another_process_is_just_writing_is_not_taken_for_a_leftover()
    {
        await using var backend = At(_folder["repo"]);
        await backend.PrepareAsync(Cancel);
        string Temporary() =>
            _folder[$"repo/locks/{StoredFile.Of(FileKind.Lock, 10).Handle.Name}-tmp-{Guid.NewGuid():N}"];
        var (growing, abandoned) = (Temporary(), Temporary());
        await File.WriteAllTextAsync(growing, "half", Cancel);
        await File.WriteAllTextAsync(abandoned, "half", Cancel);
        File.SetLastWriteTimeUtc(abandoned, DateTime.UtcNow.AddHours(-2));

        Assert.Equal(1, await backend.RemoveLeftoversAsync(Cancel));

        Assert.True(File.Exists(growing));
        Assert.False(File.Exists(abandoned));
    }

    [Fact]
    public async Task A_refused_save_leaves_no_temporary_file()
    {
        await using var backend = At(_folder["repo"]);
        await backend.PrepareAsync(Cancel);
        var file = StoredFile.Of(FileKind.Key, 10);
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async _ =>
                {
                    try
                    {
                        await file.SaveToAsync(backend, Cancel);
                    }
                    catch (StorageException e) when (e.Error == StorageError.AlreadyExists)
                    {
                        // All but one are refused.
                    }
                })
        );

        Assert.Single(Directory.GetFiles(_folder["repo/keys"]));
    }

    [Fact]
    public async Task A_full_disk_is_reported_as_full_and_leaves_nothing()
    {
        var mount = _folder["small"];
        Directory.CreateDirectory(mount);
        Assert.SkipUnless(
            await RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "none", mount) == 0,
            "needs the right to mount"
        );
        try
        {
            await using var backend = At(mount);
            await backend.PrepareAsync(Cancel);

            var error = await FailsAsync(StorageError.Full, () =>
                StoredFile.Of(FileKind.Pack, 4 << 20).SaveToAsync(backend, Cancel)
            );

            Assert.False(error.IsTransient);
            Assert.Empty(Directory.GetFiles(mount, "*", SearchOption.AllDirectories));
        }
        finally
        {
            await RunAsync("umount", mount);
        }
    }

    [Theory]
    [InlineData(28, StorageError.Full)]
    [InlineData(122, StorageError.Full)]
    [InlineData(30, StorageError.AccessDenied)]
    [InlineData(5, StorageError.Transient)]
    [InlineData(116, StorageError.Transient)]
    public void System_errors_are_told_apart(int number, StorageError expected) =>
        Assert.Equal(expected, LocalErrors.Classify(new IOException("as the system says", number)));

    [Fact]
    public void A_rename_never_replaces()
    {
        File.WriteAllText(_folder["a"], "a");
        File.WriteAllText(_folder["b"], "b");

        Assert.True(PosixFiles.TryRename(_folder["a"], _folder["target"]));
        Assert.False(PosixFiles.TryRename(_folder["b"], _folder["target"]));

        Assert.Equal("a", File.ReadAllText(_folder["target"]));
        Assert.True(File.Exists(_folder["b"]));
    }

    private static LocalBackend At(string path) =>
        LocalBackend.Create(new LocalOptions { Path = path }, TimeProvider.System);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode;
    }
}
