using Granary.Engine.Ids;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Storage;

namespace Granary.Engine.Tests.Repositories;

/// <summary>
/// One flipped byte at every offset of every kind of file is detected before anything is done with it.
/// </summary>
public sealed class DamageTests
{
    private static readonly byte[] Content = "a small dump that fits one chunk\n"u8.ToArray();

    public static TheoryData<int, FileKind> Kinds
    {
        get
        {
            var data = new TheoryData<int, FileKind>();
            foreach (var version in (int[])[1, 2])
            {
                foreach (
                    var kind in (FileKind[])
                        [FileKind.Config, FileKind.Key, FileKind.Index, FileKind.Snapshot, FileKind.Pack]
                )
                {
                    data.Add(version, kind);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_flipped_byte_is_detected(int version, FileKind kind)
    {
        var repository = await TestRepository.CreateAsync(TestRepository.Cheap with { Version = version });
        await repository.BackupAsync(Content);
        foreach (var handle in repository.Backend.Files.Keys.Where(handle => handle.Kind == kind).ToList())
        {
            var sound = repository.Backend.Files[handle];
            for (var offset = 0; offset < sound.Length; offset++)
            {
                repository.Backend.Files[handle] =
                [
                    .. sound[..offset],
                    (byte)(sound[offset] ^ 1),
                    .. sound[(offset + 1)..],
                ];
                if (kind == FileKind.Pack)
                {
                    await ReadPackAsync(repository, handle, offset);
                }
                else
                {
                    await Assert.ThrowsAnyAsync<RepositoryException>(() => ReadAsync(repository));
                }
            }

            repository.Backend.Files[handle] = sound;
        }

        Assert.Equal(Content, await ReadAsync(repository));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_flipped_byte_is_detected_by_the_seal_even_under_a_fitting_name(int version)
    {
        var repository = await TestRepository.CreateAsync(TestRepository.Cheap with { Version = version });
        await repository.BackupAsync(Content);
        foreach (var kind in (FileKind[])[FileKind.Index, FileKind.Snapshot])
        {
            var (handle, sound) = repository.Backend.Files.Single(file => file.Key.Kind == kind);
            repository.Backend.Files.Remove(handle);
            for (var offset = 0; offset < sound.Length; offset++)
            {
                byte[] damaged = [.. sound[..offset], (byte)(sound[offset] ^ 0x80), .. sound[(offset + 1)..]];
                var renamed = new FileHandle(kind, Sha256Id.Of(damaged).ToString());
                repository.Backend.Files[renamed] = damaged;
                await Assert.ThrowsAsync<DamagedFileException>(() => ReadAsync(repository));
                repository.Backend.Files.Remove(renamed);
            }

            repository.Backend.Files[handle] = sound;
        }
    }

    [Theory]
    [InlineData(FileKind.Index)]
    [InlineData(FileKind.Snapshot)]
    [InlineData(FileKind.Key)]
    public async Task Truncated_files_are_detected(FileKind kind)
    {
        var repository = await TestRepository.CreateAsync();
        await repository.BackupAsync(Content);
        var (handle, sound) = repository.Backend.Files.Single(file => file.Key.Kind == kind);

        foreach (var length in (int[])[0, 1, 31, sound.Length - 1])
        {
            repository.Backend.Files[handle] = sound[..length];
            await Assert.ThrowsAsync<DamagedFileException>(() => ReadAsync(repository));
        }
    }

    [Fact]
    public async Task Damage_on_the_way_is_read_again()
    {
        var repository = await TestRepository.CreateAsync();
        await repository.BackupAsync(Content);
        var flaky = new FlippingBackend(repository.Backend);

        var open = await TestRepository.OpenThroughAsync(flaky);
        var snapshot = await open.FindSnapshotAsync(
            "latest",
            SnapshotFilter.All,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(Content, await TestRepository.DumpAsync(open, snapshot));
        Assert.True(flaky.Flipped > 4);
        Assert.Equal(0, open.Buffers.Rented);
    }

    private static async Task ReadPackAsync(TestRepository repository, FileHandle handle, int offset)
    {
        // A dump needs the blobs, a repair the header: every byte of the pack belongs to one of them.
        var pack = repository.Backend.Files[handle];
        var headerFault = await Xunit.Record.ExceptionAsync(() =>
            PackReader.ReadHeaderAsync(
                repository.Backend,
                repository.Open.Sealer,
                repository.Open.Version,
                PackId.Parse(handle.Name),
                pack.Length,
                TestContext.Current.CancellationToken
            )
        );
        var readFault = await Xunit.Record.ExceptionAsync(() => ReadAsync(repository));
        Assert.True(
            headerFault is DamagedPackException || readFault is DamagedPackException,
            $"offset {offset}: {headerFault?.Message} {readFault?.Message}"
        );
        Assert.True(headerFault is null or DamagedPackException);
        Assert.True(readFault is null or DamagedPackException);
    }

    private static async Task<byte[]> ReadAsync(TestRepository repository)
    {
        var open = await TestRepository.OpenThroughAsync(repository.Backend);
        var snapshot = await open.FindSnapshotAsync(
            "latest",
            SnapshotFilter.All,
            TestContext.Current.CancellationToken
        );
        return await TestRepository.DumpAsync(open, snapshot);
    }
}
