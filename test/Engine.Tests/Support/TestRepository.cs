using Granary.Engine.Archiving;
using Granary.Engine.Packing;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Engine.Tests;

/// <summary>A small repository in memory with a cheap key, and the usual steps on it.</summary>
internal sealed class TestRepository
{
    private TestRepository(MemoryBackend backend, OpenRepository open)
    {
        Backend = backend;
        Open = open;
    }

    public static Secret Password { get; } = new("test-password");

    public static LockOwner Owner { get; } = new("test-host", "tester", Environment.ProcessId);

    public static InitOptions Cheap { get; } = new() { Cost = new KeyCost(16, 1, 1), SettleTime = TimeSpan.Zero };

    public MemoryBackend Backend { get; }

    public OpenRepository Open { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestRepository> CreateAsync(InitOptions? options = null)
    {
        var backend = new MemoryBackend();
        return new TestRepository(
            backend,
            await Repository.InitAsync(backend, Password, options ?? Cheap, Cancellation)
        );
    }

    /// <summary>Opens the files that a backend shows.</summary>
    public static Task<OpenRepository> OpenThroughAsync(IBackend backend, OpenOptions? options = null) =>
        Repository.OpenAsync(backend, Password, options ?? new OpenOptions(), Cancellation);

    /// <summary>Another repository object on a copy of the files.</summary>
    public MemoryBackend Copy()
    {
        var copy = new MemoryBackend();
        foreach (var (handle, content) in Backend.Files)
        {
            copy.Files[handle] = [.. content];
        }

        return copy;
    }

    public Task<BackupResult> BackupAsync(byte[] content, StoreOptions? store = null) =>
        BackupAsync([new TestSource("db.sql", content)], store);

    public Task<BackupResult> BackupAsync(IReadOnlyList<ISource> sources, StoreOptions? store = null) =>
        BackupAsync(Open, sources, store);

    public static async Task<BackupResult> BackupAsync(
        OpenRepository repository,
        IReadOnlyList<ISource> sources,
        StoreOptions? store = null,
        bool allowEmpty = false
    )
    {
        await using var held = await repository.LockAsync(LockMode.Shared, Owner, Cancellation);
        var indexed = await repository.LoadIndexAsync(Cancellation);
        var options = new BackupOptions
        {
            Hostname = "host-0",
            Store = store ?? new StoreOptions(),
            AllowEmpty = allowEmpty,
        };
        return await indexed.BackupAsync(sources, options, null, held, Cancellation);
    }

    public static async Task<byte[]> DumpAsync(
        OpenRepository repository,
        Snapshot snapshot,
        string path = "/db.sql",
        DumpOptions? options = null
    )
    {
        var indexed = await repository.LoadIndexAsync(Cancellation);
        using var content = new MemoryStream();
        await indexed.DumpAsync(snapshot, path, content, options ?? new DumpOptions(), null, Cancellation);
        return content.ToArray();
    }
}
