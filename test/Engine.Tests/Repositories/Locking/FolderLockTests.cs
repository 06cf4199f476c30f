using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage.Local;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Repositories.Locking;

/// <summary>Locks in a folder, where nobody pauses before looking for others (decision 7).</summary>
public sealed class FolderLockTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_exclusive_holder_is_always_alone()
    {
        await using var backend = LocalBackend.Create(
            new LocalOptions { Path = _folder["repository"] },
            TimeProvider.System
        );
        var repository = await Repository.InitAsync(
            backend,
            TestRepository.Password,
            TestRepository.Cheap,
            Cancellation
        );
        var (shared, exclusive, sharedTaken, exclusiveTaken, refused) = (0, 0, 0, 0, 0);

        // Each has its own view of the folder, as a process of its own would.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(() => ContendAsync(number), Cancellation)));

        Assert.All([sharedTaken, exclusiveTaken, refused], count => Assert.NotEqual(0, count));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder["repository"], "locks")));

        async Task ContendAsync(int number)
        {
            await using var ownBackend = LocalBackend.Create(
                new LocalOptions { Path = _folder["repository"] },
                TimeProvider.System
            );
            var own = await TestRepository.OpenThroughAsync(ownBackend);
            var random = new Random(number);
            for (var round = 0; round < 150; round++)
            {
                var mode = random.Next(3) == 0 ? LockMode.Exclusive : LockMode.Shared;
                try
                {
                    await using var held = await own.LockAsync(
                        mode,
                        new LockOwner($"host-{number}", "tester", number + 1),
                        Cancellation
                    );
                    await HoldAsync(mode);
                }
                catch (RepositoryLockedException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }

        async Task HoldAsync(LockMode mode)
        {
            if (mode == LockMode.Exclusive)
            {
                Interlocked.Increment(ref exclusiveTaken);
                Assert.Equal((1, 0), (Interlocked.Increment(ref exclusive), Volatile.Read(ref shared)));
                await Task.Yield();
                Assert.Equal((1, 0), (Volatile.Read(ref exclusive), Volatile.Read(ref shared)));
                Interlocked.Decrement(ref exclusive);
            }
            else
            {
                Interlocked.Increment(ref sharedTaken);
                Interlocked.Increment(ref shared);
                Assert.Equal(0, Volatile.Read(ref exclusive));
                await Task.Yield();
                Assert.Equal(0, Volatile.Read(ref exclusive));
                Interlocked.Decrement(ref shared);
            }
        }
    }
}
