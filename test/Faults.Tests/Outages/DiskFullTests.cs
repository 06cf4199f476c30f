using System.Runtime.InteropServices;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Faults.Tests.Outages;

/// <summary>
/// A real small disk runs full at various moments: it is named, nothing is lost, and with room again all goes on.
/// </summary>
public sealed partial class DiskFullTests : IAsyncDisposable
{
    private const int DiskSize = 24 << 20;

    private readonly TempDirectory _folder = new();
    private readonly bool _isMounted;

    public DiskFullTests() => _isMounted = Mount("tmpfs", _folder.Path, "tmpfs", 0, $"size={DiskSize}") == 0;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        if (_isMounted)
        {
            _ = Unmount(_folder.Path, Detach);
        }

        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200_000)]
    [InlineData(1_500_000)]
    [InlineData(2_500_000)]
    [InlineData(3_000_000)]
    public async Task A_backup_fails_names_the_file_and_loses_nothing(int room)
    {
        Assert.SkipUnless(_isMounted, "Mounting a tmpfs is not permitted here.");
        await using var place = Stores.Folder(_folder["repository"]);
        await place.PutAsync(await OutageBench.Sample.FilesAsync(1));
        var filler = Fill(room);

        var failure = await Assert.ThrowsAsync<StorageException>(() =>
            OutageBench.BackupAsync(OutageBench.Retrying(place.Backend), Sample.Doomed)
        );
        Assert.Equal(StorageError.Full, failure.Error);
        Assert.NotNull(failure.Handle);
        Assert.Contains(failure.Handle.Value.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Equal(["0"], await OutageBench.Sample.EverySnapshotRestoresAsync(place.Backend));

        File.Delete(filler);
        await OutageBench.NothingIsLostAsync(place, "0");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6_000)]
    [InlineData(50_000)]
    [InlineData(1_000_000)]
    public async Task A_prune_that_lacks_room_names_the_file_and_loses_nothing(int room)
    {
        Assert.SkipUnless(_isMounted, "Mounting a tmpfs is not permitted here.");
        await using var place = Stores.Folder(_folder["repository"]);
        await place.PutAsync(await OutageBench.Sample.FilesAsync(3));
        await Sample.ForgetAsync(await Sample.OpenAsync(place.Backend), Sample.Living, keepLast: 1);
        var filler = Fill(room);

        // How much a prune has to write depends on how blobs fell into packs; without any room it cannot even lock.
        var failure = await Record.ExceptionAsync(async () =>
            await Sample.PruneAsync(await Sample.OpenAsync(OutageBench.Retrying(place.Backend)), Sample.Doomed)
        );
        Assert.True(
            failure is StorageException { Error: StorageError.Full, Handle: not null } || (failure is null && room > 0),
            failure?.ToString()
        );
        Assert.Contains($"{(failure as StorageException)?.Handle}", failure?.Message ?? "", StringComparison.Ordinal);

        File.Delete(filler);
        await OutageBench.NothingIsLostAsync(place, "2");
        Assert.Empty((await Sample.PruneAsync(await Sample.OpenAsync(place.Backend), Sample.Living)).Failed);
        await Proof.ResticFindsNoErrorAsync(place, Cancellation);
    }

    private const int Detach = 2;

    /// <summary>Leaves so much room on the disk.</summary>
    private string Fill(int room)
    {
        var path = _folder["filler"];
        using var file = File.Create(path);
        var chunk = new byte[4096];
        while (new DriveInfo(_folder.Path).AvailableFreeSpace >= room + chunk.Length)
        {
            file.Write(chunk);
            file.Flush();
        }

        return path;
    }

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Mount(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unmount(string target, int flags);
}
