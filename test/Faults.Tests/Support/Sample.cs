using System.Collections.Concurrent;
using Granary.Engine.Archiving;
using Granary.Engine.Checking;
using Granary.Engine.Packing;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Engine.Retention;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Faults.Tests;

/// <summary>
/// A small repository whose every snapshot holds a file that all have and one of its own, which its tag tells.
/// </summary>
/// <param name="Version">The format's version.</param>
/// <param name="OwnLength">Bytes of a snapshot's own file.</param>
internal sealed record Sample(int Version = 2, int OwnLength = 600_000)
{
    public const string Password = "faults-password";
    public const string OwnPath = "db.sql";
    public const string CommonPath = "common.bin";

    /// <summary>
    /// Above the largest number that Linux gives to a process: the owner of locks that nobody holds any more.
    /// </summary>
    public const int NoProcess = (1 << 22) + 1;

    private static readonly byte[] CommonValue = SeededBytes.Random("common", 700_000);
    private static readonly ConcurrentDictionary<(string, int), byte[]> OwnValue = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static StoreOptions SmallPacks { get; } = new() { PackSize = 1 << 20 };

    /// <summary>A process that lives as long as the tests.</summary>
    public static LockOwner Living { get; } =
        new(System.Net.Dns.GetHostName(), "tester", Environment.ProcessId) { ProcessSpace = "here" };

    /// <summary>A process of this machine that is gone once its run has ended, however it ended.</summary>
    public static LockOwner Doomed { get; } = Living with { ProcessId = NoProcess };

    /// <summary>What the worker asks of a lock.</summary>
    public static LockOptions Locking { get; } = new() { RemoveStale = true };

    public byte[] Common => CommonValue;

    public byte[] Own(string tag) =>
        OwnValue.GetOrAdd((tag, OwnLength), key => SeededBytes.Random(key.Item1, key.Item2));

    /// <summary>The files of a repository with so many snapshots, tagged 0, 1, 2 …</summary>
    public async Task<IReadOnlyDictionary<FileHandle, byte[]>> FilesAsync(int snapshots)
    {
        var backend = new MemoryBackend();
        var init = new InitOptions { Cost = new KeyCost(16, 1, 1), Version = Version };
        var open = await Repository.InitAsync(backend, new Secret(Password), init, Cancellation);
        for (var i = 0; i < snapshots; i++)
        {
            await BackupAsync(open, Living, $"{i}");
        }

        return new Dictionary<FileHandle, byte[]>(backend.Files);
    }

    public static Task<OpenRepository> OpenAsync(IBackend backend, TimeProvider? time = null) =>
        Repository.OpenAsync(
            backend,
            new Secret(Password),
            new OpenOptions { Time = time ?? new ImpatientTime() },
            Cancellation
        );

    public async Task<BackupResult> BackupAsync(OpenRepository open, LockOwner owner, string tag)
    {
        await using var held = await open.LockAsync(LockMode.Shared, owner, Locking, Cancellation);
        var indexed = await open.LoadIndexAsync(Cancellation);
        var options = new BackupOptions
        {
            Hostname = "host-0",
            Tags = [tag],
            Store = SmallPacks,
        };
        return await indexed.BackupAsync(
            [new BytesSource(CommonPath, CommonValue), new BytesSource(OwnPath, Own(tag))],
            options,
            null,
            held,
            Cancellation
        );
    }

    public static async Task<ForgetResult> ForgetAsync(OpenRepository open, LockOwner owner, int keepLast)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, owner, Locking, Cancellation);
        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        var plan = ForgetPlan.For(
            snapshots,
            new RetentionPolicy { Last = keepLast },
            SnapshotGrouping.Default,
            DateTimeOffset.UnixEpoch
        );
        return await open.ForgetAsync(plan, held, null, Cancellation);
    }

    public static async Task<PruneResult> PruneAsync(OpenRepository open, LockOwner owner)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, owner, Locking, Cancellation);
        var options = new PruneOptions { MaxUnused = UnusedLimit.Bytes(0), Store = SmallPacks };
        var plan = await open.PlanPruneAsync(options, held, null, Cancellation);
        return await open.PruneAsync(plan, held, null, Cancellation);
    }

    public static async Task<CheckReport> CheckAsync(OpenRepository open, LockOwner owner)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, owner, Locking, Cancellation);
        return await open.CheckAsync(new CheckOptions { ReadData = new PackSubset.All() }, held, null, Cancellation);
    }

    /// <summary>Checks the structure without reading the packs.</summary>
    public static async Task<CheckReport> CheckFastAsync(OpenRepository open)
    {
        await using var held = await open.LockAsync(LockMode.Exclusive, Living, Locking, Cancellation);
        return await open.CheckAsync(new CheckOptions(), held, null, Cancellation);
    }

    /// <summary>
    /// Dumps both files of the latest snapshot; whatever comes out, even of a failed dump, is the beginning of what was
    /// backed up.
    /// </summary>
    public async Task DumpLatestAsync(OpenRepository open, LockOwner owner)
    {
        await using var held = await open.LockAsync(LockMode.Shared, owner, Locking, Cancellation);
        var latest = await open.FindSnapshotAsync("latest", SnapshotFilter.All, Cancellation);
        await RestoresAsync(await open.LoadIndexAsync(Cancellation), latest);
    }

    /// <summary>Restores every listed snapshot, without a lock, and returns their tags.</summary>
    public async Task<List<string>> EverySnapshotRestoresAsync(IBackend backend)
    {
        var open = await OpenAsync(backend);
        var snapshots = await open.SnapshotsAsync(SnapshotFilter.All, Cancellation);
        var indexed = await open.LoadIndexAsync(Cancellation);
        foreach (var snapshot in snapshots)
        {
            await RestoresAsync(indexed, snapshot);
        }

        return [.. snapshots.Select(snapshot => snapshot.Record.Tags[0])];
    }

    private async Task RestoresAsync(IndexedRepository indexed, Snapshot snapshot)
    {
        await RestoresAsync(indexed, snapshot, CommonPath, CommonValue);
        await RestoresAsync(indexed, snapshot, OwnPath, Own(snapshot.Record.Tags[0]));
    }

    private static async Task RestoresAsync(IndexedRepository indexed, Snapshot snapshot, string path, byte[] expected)
    {
        using var content = new MemoryStream();
        try
        {
            await indexed.DumpAsync(snapshot, path, content, new DumpOptions(), null, Cancellation);
            Assert.Equal(expected.Length, content.Length);
        }
        finally
        {
            var written = content.GetBuffer().AsSpan(0, (int)content.Length);
            Assert.True(
                expected.AsSpan().StartsWith(written),
                $"snapshot {snapshot.Id.Short}: {path} is not what was backed up"
            );
        }
    }
}
