using System.Runtime.CompilerServices;
using Granary.Engine.Repositories;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Repositories;

public sealed class InitTests : InitTestBed
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_new_repository_opens(int version)
    {
        Assert.False(await Repository.ExistsAsync(_backend, Cancellation));

        var made = await InitAsync(version: version);
        var opened = await Repository.OpenAsync(_backend, TestRepository.Password, new OpenOptions(), Cancellation);

        Assert.True(await Repository.ExistsAsync(_backend, Cancellation));
        Assert.Equal(made.Id, opened.Id);
        Assert.Equal(version, opened.Version);
        Assert.Matches("^[0-9a-f]{64}$", opened.Id);
    }

    [Fact]
    public async Task An_existing_repository_is_left_alone()
    {
        await InitAsync();
        var before = _backend.Files.ToDictionary();

        await Assert.ThrowsAsync<RepositoryExistsException>(() => InitAsync());

        Assert.Equal(before, _backend.Files.ToDictionary());
    }

    [Fact]
    public async Task An_init_that_was_killed_after_its_key_is_finished()
    {
        await InitAsync();
        _backend.Files.Remove(FileHandle.Config);

        await Assert.ThrowsAsync<RepositoryNotFoundException>(() =>
            Repository.OpenAsync(_backend, TestRepository.Password, new OpenOptions(), Cancellation)
        );
        await Assert.ThrowsAsync<WrongPasswordException>(() =>
            Repository.InitAsync(_backend, new Secret("other"), TestRepository.Cheap, Cancellation)
        );
        await InitAsync();

        Assert.Single(_backend.Files.Keys, handle => handle.Kind == FileKind.Key);
        await Repository.OpenAsync(_backend, TestRepository.Password, new OpenOptions(), Cancellation);
    }

    [Theory]
    [InlineData(FileKind.Snapshot)]
    [InlineData(FileKind.Index)]
    [InlineData(FileKind.Pack)]
    public async Task A_repository_that_lost_its_config_is_not_overwritten(FileKind kind)
    {
        await InitAsync();
        _backend.Files.Remove(FileHandle.Config);
        _backend.Files[new FileHandle(kind, new string('a', 64))] = [1, 2, 3];

        await Assert.ThrowsAsync<RepositoryExistsException>(() => InitAsync());
    }

    [Fact]
    public async Task Every_failure_on_the_way_can_be_repeated()
    {
        for (var number = 1; number <= 12; number++)
        {
            foreach (var fault in (Fault[])[Fault.Denied, Fault.Late])
            {
                var backend = new MemoryBackend();
                try
                {
                    await Repository.InitAsync(
                        new FaultyBackend(backend).FailOperation(number, fault),
                        TestRepository.Password,
                        TestRepository.Cheap,
                        Cancellation
                    );
                }
                catch (StorageException)
                {
                    if (!await Repository.ExistsAsync(backend, Cancellation))
                    {
                        await Repository.InitAsync(
                            backend,
                            TestRepository.Password,
                            TestRepository.Cheap,
                            Cancellation
                        );
                    }
                }

                await Repository.OpenAsync(backend, TestRepository.Password, new OpenOptions(), Cancellation);
                Assert.Single(backend.Files.Keys, handle => handle.Kind == FileKind.Key);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_key_that_opens_the_config_is_found_among_several_of_one_password(bool isHinted)
    {
        var made = await InitAsync();
        for (var i = 0; i < 3; i++)
        {
            await AddKeyOfAnotherInitAsync();
        }

        var hint = isHinted
            ? _backend.Files.Keys.First(handle => handle.Kind == FileKind.Key && handle.Name != made.KeyFile).Name
            : null;
        var opened = await Repository.OpenAsync(
            _backend,
            TestRepository.Password,
            new OpenOptions { KeyHint = hint },
            Cancellation
        );

        Assert.Equal((made.Id, made.KeyFile), (opened.Id, opened.KeyFile));
    }

    [Fact]
    public async Task A_key_that_is_replaced_while_it_is_looked_for_is_passed_over()
    {
        var made = await InitAsync();
        var gone = new FileHandle(FileKind.Key, new string('a', 64));
        _backend.Files[gone] = [1];
        var backend = new MeddlingBackend(_backend) { BeforeRead = _ => _backend.Files.Remove(gone) };

        var opened = await Repository.OpenAsync(
            backend,
            TestRepository.Password,
            new OpenOptions { KeyHint = gone.Name },
            Cancellation
        );

        Assert.Equal(made.Id, opened.Id);
    }

    [Fact]
    public async Task An_empty_config_is_damage()
    {
        await InitAsync();
        _backend.Files[FileHandle.Config] = [];

        await Assert.ThrowsAsync<DamagedFileException>(() =>
            Repository.OpenAsync(_backend, TestRepository.Password, new OpenOptions(), Cancellation)
        );
    }

    [Fact]
    public async Task Unknown_versions_are_refused() =>
        await Assert.ThrowsAsync<UnsupportedFormatException>(() => InitAsync(version: 3));

    [Fact]
    public async Task The_password_is_in_no_message()
    {
        await InitAsync();

        var wrong = await Assert.ThrowsAsync<WrongPasswordException>(() =>
            Repository.OpenAsync(_backend, new Secret("hunter2"), new OpenOptions(), Cancellation)
        );

        Assert.DoesNotContain("hunter2", wrong.ToString(), StringComparison.Ordinal);
    }
}
