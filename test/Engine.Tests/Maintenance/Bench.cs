using Granary.Engine.Archiving;
using Granary.Engine.Checking;
using Granary.Engine.Ids;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Engine.Retention;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Maintenance;

/// <summary>A small repository in memory, what was put into it, and the usual steps of looking after it.</summary>
internal sealed class Bench
{
    public const int OwnLength = 700_000;

    public static readonly byte[] Common = SeededBytes.Random("common", 900_000);

    private readonly Dictionary<SnapshotId, byte[]> _contents = [];

    private Bench(MemoryBackend backend) => Backend = backend;

    public static Secret Password { get; } = new("maintenance-password");

    public static LockOwner Owner { get; } = new("maintenance-host", "tester", Environment.ProcessId);

    public static KeyCost Cheap { get; } = new(16, 1, 1);

    public MemoryBackend Backend { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Bench> CreateAsync(int version = 2)
    {
        var backend = new MemoryBackend();
        await Repository.InitAsync(
            backend,
            Password,
            new InitOptions
            {
                Cost = Cheap,
                Version = version,
                SettleTime = TimeSpan.Zero,
            },
            Cancellation
        );
        return new Bench(backend);
    }

    /// <summary>
    /// Three backups of one file that never changes and one that does: the first one's pack holds what all need, and
    /// what only it needs.
    /// </summary>
    public static async Task<Bench> WithThreeBackupsAsync(int version = 2)
    {
        var bench = await CreateAsync(version);
        for (var i = 0; i < 3; i++)
        {
            await bench.BackupAsync(SeededBytes.Random($"own {i}", OwnLength));
        }

        return bench;
    }

    /// <summary>A copy of all files, and of what is known of them.</summary>
    public Bench Copy()
    {
        var copy = new Bench(new MemoryBackend());
        foreach (var (handle, content) in Backend.Files)
        {
            copy.Backend.Files[handle] = [.. content];
        }

        foreach (var (id, content) in _contents)
        {
            copy._contents.Add(id, content);
        }

        return copy;
    }

    public Task<OpenRepository> OpenAsync(IBackend? through = null) =>
        Repository.OpenAsync(through ?? Backend, Password, new OpenOptions(), Cancellation);

    public async Task<Snapshot> BackupAsync(byte[] content)
    {
        var open = await OpenAsync();
        await using var held = await open.LockAsync(LockMode.Shared, Owner, Cancellation);
        var indexed = await open.LoadIndexAsync(Cancellation);
        var options = new BackupOptions { Hostname = "host-0" };
        var result = await indexed.BackupAsync(
            [new Source("common.bin", Common), new Source("db.sql", content)],
            options,
            null,
            held,
            Cancellation
        );
        _contents.Add(result.SnapshotId, content);
        return new Snapshot(result.SnapshotId, result.Record);
    }

    public IEnumerable<FileHandle> Files(FileKind kind) => Backend.Files.Keys.Where(file => file.Kind == kind);

    public static async Task<ForgetResult> ForgetAsync(OpenRepository open, int keepLast)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation);
        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        var plan = ForgetPlan.For(
            snapshots,
            new RetentionPolicy { Last = keepLast },
            SnapshotGrouping.Default,
            DateTimeOffset.UtcNow
        );
        return await open.ForgetAsync(plan, held, null, Cancellation);
    }

    public static async Task<PruneResult> PruneAsync(OpenRepository open, PruneOptions? options = null)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation);
        var plan = await open.PlanPruneAsync(
            options ?? new PruneOptions { MaxUnused = UnusedLimit.Bytes(0) },
            held,
            null,
            Cancellation
        );
        return await open.PruneAsync(plan, held, null, Cancellation);
    }

    public static async Task<CheckReport> CheckAsync(OpenRepository open, PackSubset? read = null)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation);
        return await open.CheckAsync(
            new CheckOptions { ReadData = read ?? new PackSubset.All() },
            held,
            null,
            Cancellation
        );
    }

    /// <summary>Restores every listed snapshot, and returns how many there are.</summary>
    public async Task<int> EverySnapshotRestoresAsync()
    {
        var open = await OpenAsync();
        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        var indexed = await open.LoadIndexAsync(Cancellation);
        foreach (var snapshot in snapshots)
        {
            await RestoresAsync(indexed, snapshot, "common.bin", Common);
            await RestoresAsync(indexed, snapshot, "db.sql", _contents[snapshot.Id]);
        }

        Assert.Equal(0, open.Buffers.Rented);
        return snapshots.Count;
    }

    private static async Task RestoresAsync(IndexedRepository indexed, Snapshot snapshot, string path, byte[] expected)
    {
        using var content = new MemoryStream();
        await indexed.DumpAsync(snapshot, path, content, new DumpOptions(), null, Cancellation);
        Assert.True(
            expected.AsSpan().SequenceEqual(content.GetBuffer().AsSpan(0, (int)content.Length)),
            $"{snapshot.Id.Short}: {path} is not what was backed up"
        );
    }

    private sealed class Source(string path, byte[] content) : ISource
    {
        public string Path => path;

        public Task<Stream> OpenAsync(CancellationToken cancellationToken) =>
            Task.FromResult<Stream>(new MemoryStream(content, writable: false));

        public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
