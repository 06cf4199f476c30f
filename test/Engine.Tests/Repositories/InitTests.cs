using Granary.Engine.Repositories;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Repositories;

public sealed class InitTests : IAsyncDisposable
{
    private readonly MemoryBackend _backend = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

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
            Repository.OpenAsync(_backend, TestRepository.Password, new OpenOptions(), Cancellation));
        await Assert.ThrowsAsync<WrongPasswordException>(() => Repository.InitAsync(_backend, new Secret("other"), TestRepository.Cheap, Cancellation));
        await InitAsync();

        Assert.Single(_backend.Files.Keys, handle => handle.Kind == FileKind.Key);
        await Repository.OpenAsync(_backend, TestRepository.Password, new OpenOptions(), Cancellation);
    }

    [Theory]
    [InlineData(FileKind.Key)]
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
                    await Repository.InitAsync(new FaultyBackend(backend).FailOperation(number, fault), TestRepository.Password, TestRepository.Cheap, Cancellation);
                }
                catch (StorageException)
                {
                    if (!await Repository.ExistsAsync(backend, Cancellation))
                    {
                        await Repository.InitAsync(backend, TestRepository.Password, TestRepository.Cheap, Cancellation);
                    }
                }

                await Repository.OpenAsync(backend, TestRepository.Password, new OpenOptions(), Cancellation);
                Assert.Single(backend.Files.Keys, handle => handle.Kind == FileKind.Key);
            }
        }
    }

    [Fact]
    public async Task Inits_at_the_same_time_end_in_one_repository()
    {
        for (var round = 0; round < 20; round++)
        {
            var backend = new MemoryBackend();
            var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(TryInitAsync)));

            var opened = await Repository.OpenAsync(backend, TestRepository.Password, new OpenOptions(), Cancellation);
            Assert.Contains(all, each => each is not null);
            Assert.All(all.OfType<OpenRepository>(), each => Assert.Equal(opened.Id, each.Id));

            async Task<OpenRepository?> TryInitAsync()
            {
                try
                {
                    return await Repository.InitAsync(backend, TestRepository.Password, TestRepository.Cheap, Cancellation);
                }
                catch (RepositoryException)
                {
                    return null;
                }
            }
        }
    }

    [Fact]
    public async Task An_empty_config_is_damage()
    {
        await InitAsync();
        _backend.Files[FileHandle.Config] = [];

        await Assert.ThrowsAsync<DamagedFileException>(() =>
            Repository.OpenAsync(_backend, TestRepository.Password, new OpenOptions(), Cancellation));
    }

    [Fact]
    public async Task Unknown_versions_are_refused() =>
        await Assert.ThrowsAsync<UnsupportedFormatException>(() => InitAsync(version: 3));

    [Fact]
    public async Task The_password_is_in_no_message()
    {
        await InitAsync();

        var wrong = await Assert.ThrowsAsync<WrongPasswordException>(() =>
            Repository.OpenAsync(_backend, new Secret("hunter2"), new OpenOptions(), Cancellation));

        Assert.DoesNotContain("hunter2", wrong.ToString(), StringComparison.Ordinal);
    }

    private Task<OpenRepository> InitAsync(int version = 2) =>
        Repository.InitAsync(_backend, TestRepository.Password, TestRepository.Cheap with { Version = version }, Cancellation);
}
