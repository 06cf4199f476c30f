using System.Runtime.CompilerServices;
using Granary.Engine.Repositories;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Repositories;

public sealed class InitRaceTests : InitTestBed
{
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
}
