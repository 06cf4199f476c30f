using Granary.Engine.Archiving;
using Granary.Engine.Ids;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Engine.Tests.Repositories.Locking;

/// <summary>What the tests of this folder's lock classes share.</summary>
public abstract class LockTestBed
{
    // Above the largest number that Linux gives to a process.
    private protected const int NoProcess = (1 << 22) + 1;

    private protected static readonly LockOwner Self = TestRepository.Owner;

    private protected static readonly LockOwner Other = new("other-host", "other", 4242, "db", "backup-1", "uid-1");

    private protected static readonly LockOwner Machine = new("this-host", "us", Environment.ProcessId)
    {
        ProcessSpace = "here",
    };

    private protected static readonly LockOptions SelfHealing = new() { RemoveStale = true };

    private protected readonly FakeTimeProvider _time = Clock.New();

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected static MemoryBackend Backend(OpenRepository repository) => (MemoryBackend)repository.Backend;

    private protected static List<FileHandle> Locks(OpenRepository repository) =>
        [.. Backend(repository).Files.Keys.Where(handle => handle.Kind == FileKind.Lock)];

    private protected static async Task<bool> SaveAsync(RepositoryLock held)
    {
        await held.Backend.SaveAsync(
            new FileHandle(FileKind.Pack, new string('d', 64)),
            new MemoryStream([1]),
            SaveMode.CreateOnly,
            Cancellation
        );
        return true;
    }

    private protected static void WriteLock(
        OpenRepository repository,
        DateTimeOffset time,
        bool exclusive,
        string hostname = "gone",
        int processId = 1,
        string space = ""
    )
    {
        var record = new LockRecord
        {
            Time = Timestamp.From(time),
            Exclusive = exclusive,
            Hostname = hostname,
            Username = "u",
            ProcessId = processId,
            ProcessSpace = space,
        };
        var stored = repository.Sealer.Seal(record.ToJson());
        Backend(repository).Files[new FileHandle(FileKind.Lock, Sha256Id.Of(stored).ToString())] = stored;
    }

    private protected async Task<OpenRepository> OpenAsync()
    {
        var made = await TestRepository.CreateAsync();
        return await TestRepository.OpenThroughAsync(made.Backend, new OpenOptions { Time = _time });
    }

    private protected Task<RepositoryLock> LockAsync(OpenRepository repository, LockMode mode, LockOwner owner) =>
        _time.PassUntilAsync(repository.LockAsync(mode, owner, Cancellation));

    /// <summary>Takes locks in, and does not reply any more until the caller gives up.</summary>
    private protected sealed class SilentBackend(IBackend inner) : DelegatingBackend(inner)
    {
        public bool IsSilent { get; set; }

        public override async Task SaveAsync(
            FileHandle handle,
            Stream content,
            SaveMode mode,
            CancellationToken cancellationToken
        )
        {
            await base.SaveAsync(handle, content, mode, cancellationToken);
            if (IsSilent)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
    }
}
