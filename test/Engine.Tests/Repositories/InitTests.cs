using System.Runtime.CompilerServices;
using Granary.Engine.Repositories;
using Granary.Storage;
using Granary.Storage.Decorators;
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
    public async Task Inits_that_died_together_are_finished_by_the_next_one()
    {
        var keys = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            keys.Add(await AddKeyOfAnotherInitAsync());
        }

        var both = await Task.WhenAll(InitAsync(), InitAsync());

        Assert.Equal([keys.Min(), keys.Min()], both.Select(made => made.KeyFile));
        Assert.Equal(
            both[0].Id,
            (await Repository.OpenAsync(_backend, TestRepository.Password, new OpenOptions(), Cancellation)).Id
        );
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
                    return await Repository.InitAsync(
                        backend,
                        TestRepository.Password,
                        TestRepository.Cheap,
                        Cancellation
                    );
                }
                catch (RepositoryException)
                {
                    return null;
                }
            }
        }
    }

    [Fact]
    public async Task Two_inits_at_once_end_in_one_repository_where_the_last_save_of_a_name_wins()
    {
        for (var round = 0; round < 5; round++)
        {
            var backend = new MemoryBackend();
            var time = Clock.New();
            var options = TestRepository.Cheap with { Time = time };
            var start = new Barrier(2);
            var both = await time.PassUntilAsync(Task.WhenAll(InitAsync(), InitAsync()));

            Assert.Equal(both[0].Id, both[1].Id);
            Assert.Single(backend.Files.Keys, handle => handle.Kind == FileKind.Key);
            Assert.Equal(
                both[0].Id,
                (await Repository.OpenAsync(backend, TestRepository.Password, new OpenOptions(), Cancellation)).Id
            );

            Task<OpenRepository> InitAsync() =>
                Task.Run(() =>
                    Repository.InitAsync(
                        new LastSaveWins(backend, start),
                        TestRepository.Password,
                        options,
                        Cancellation
                    )
                );
        }
    }

    [Fact]
    public async Task A_config_that_another_init_overwrote_is_noticed_before_any_data_is_stored()
    {
        var another = new MemoryBackend();
        var theirs = await Repository.InitAsync(another, TestRepository.Password, TestRepository.Cheap, Cancellation);
        var backend = new MeddlingBackend(_backend)
        {
            AfterSave = handle =>
            {
                if (handle == FileHandle.Config)
                {
                    another.Files.ToList().ForEach(file => _backend.Files[file.Key] = file.Value);
                }
            },
        };

        var made = await Repository.InitAsync(backend, TestRepository.Password, TestRepository.Cheap, Cancellation);

        Assert.Equal(theirs.Id, made.Id);
        Assert.Equal(another.Files.Keys.ToHashSet(), _backend.Files.Keys.ToHashSet());
    }

    [Theory]
    [InlineData('0', false)]
    [InlineData('f', true)]
    public async Task Of_inits_that_see_each_other_the_first_by_name_goes_on_and_the_others_give_way(
        char name,
        bool isMade
    )
    {
        var other = new FileHandle(FileKind.Key, new string(name, 64));
        var backend = new MeddlingBackend(_backend)
        {
            AfterSave = handle =>
            {
                if (handle.Kind == FileKind.Key)
                {
                    _backend.Files[other] = [1, 2, 3];
                }
                else
                {
                    _backend.Files.Remove(other);
                }
            },
        };
        var time = Clock.New();

        var init = Repository.InitAsync(
            backend,
            TestRepository.Password,
            TestRepository.Cheap with
            {
                Time = time,
            },
            Cancellation
        );

        if (isMade)
        {
            var made = await time.PassUntilAsync(init);
            Assert.Equal(
                made.Id,
                (await Repository.OpenAsync(_backend, TestRepository.Password, new OpenOptions(), Cancellation)).Id
            );
            return;
        }

        await Assert.ThrowsAsync<RepositoryExistsException>(() => time.PassUntilAsync(init));
        Assert.Equal([other], _backend.Files.Keys);
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

    private Task<OpenRepository> InitAsync(int version = 2) =>
        Repository.InitAsync(
            _backend,
            TestRepository.Password,
            TestRepository.Cheap with
            {
                Version = version,
            },
            Cancellation
        );

    private async Task<string> AddKeyOfAnotherInitAsync()
    {
        var another = new MemoryBackend();
        await Repository.InitAsync(another, TestRepository.Password, TestRepository.Cheap, Cancellation);
        var (handle, content) = Assert.Single(another.Files, file => file.Key.Kind == FileKind.Key);
        _backend.Files[handle] = content;
        return handle.Name;
    }

    /// <summary>Looks a name up before it saves, as some stores' clients must, and lets two begin together.</summary>
    private sealed class LastSaveWins(IBackend inner, Barrier start) : DelegatingBackend(inner)
    {
        private int _listings;

        public override async Task SaveAsync(
            FileHandle handle,
            Stream content,
            SaveMode mode,
            CancellationToken cancellationToken
        )
        {
            if (mode == SaveMode.CreateOnly && await SizeAsync(handle, cancellationToken) is not null)
            {
                throw new StorageException(StorageError.AlreadyExists, Location, handle, "the file exists");
            }

            await Task.Delay(20, cancellationToken);
            await base.SaveAsync(handle, content, SaveMode.Replace, cancellationToken);
        }

        public override async IAsyncEnumerable<FileEntry> ListAsync(
            FileKind kind,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await foreach (var entry in base.ListAsync(kind, cancellationToken))
            {
                yield return entry;
            }

            if (kind == FileKind.Key && ++_listings == 1)
            {
                start.SignalAndWait(cancellationToken);
            }
        }
    }

    private sealed class MeddlingBackend(IBackend inner) : DelegatingBackend(inner)
    {
        public Action<FileHandle> AfterSave { get; init; } = _ => { };

        public Action<FileHandle> BeforeRead { get; init; } = _ => { };

        public override async Task SaveAsync(
            FileHandle handle,
            Stream content,
            SaveMode mode,
            CancellationToken cancellationToken
        )
        {
            await base.SaveAsync(handle, content, mode, cancellationToken);
            AfterSave(handle);
        }

        public override Task<byte[]> ReadAllAsync(FileHandle handle, CancellationToken cancellationToken)
        {
            if (handle.Kind == FileKind.Key)
            {
                BeforeRead(handle);
            }

            return base.ReadAllAsync(handle, cancellationToken);
        }
    }
}
