using Granary.Engine;
using Granary.Engine.Archiving;
using Granary.Engine.Checking;
using Granary.Engine.Ids;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Restoring;
using Granary.Storage;
using Granary.TestSupport;

namespace Granary.Faults.Tests.Damage;

/// <summary>
/// One flipped byte, one missing byte or a missing file, in every file of a repository: detected, named, and never
/// restored as good.
/// </summary>
public sealed class DamageTests(Ledger ledger)
{
    // Short enough for every offset, long enough for a compressed and an uncompressed blob.
    private static readonly byte[] Text = [.. Enumerable.Repeat((byte)'a', 300), .. SeededBytes.Random("damage", 200)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task A_flipped_byte_is_named(int version) => FlipAsync(version, stride: 5);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Category", "Slow")]
    public Task A_flipped_byte_is_named_at_every_offset(int version) => FlipAsync(version, stride: 1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task A_missing_byte_is_named(int version) => DropAsync(version, stride: 11);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Category", "Slow")]
    public Task A_missing_byte_is_named_at_every_offset(int version) => DropAsync(version, stride: 1);

    [Fact]
    public async Task A_missing_config_or_key_is_named()
    {
        var sound = await MakeAsync(version: 2);

        var config = await Assert.ThrowsAsync<RepositoryNotFoundException>(() =>
            RestoreAsync(Without(sound, FileKind.Config))
        );
        var key = await Assert.ThrowsAsync<DamagedFileException>(() => RestoreAsync(Without(sound, FileKind.Key)));

        Assert.Contains("config is missing", config.Message, StringComparison.Ordinal);
        Assert.Contains("there is a config but no key file", key.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_pack_is_named_by_restore_and_check()
    {
        var sound = await MakeAsync(version: 2);
        foreach (var pack in sound.Keys.Where(file => file.Kind == FileKind.Pack))
        {
            var backend = Copy(sound);
            backend.Files.Remove(pack);

            var restore = await Assert.ThrowsAsync<DamagedPackException>(() => RestoreAsync(backend));
            var check = await CheckAsync(backend);

            Assert.Contains(pack.Name, restore.Message, StringComparison.Ordinal);
            Assert.Contains(pack.Name, check, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_missing_index_is_told_by_the_blobs_and_snapshots_that_need_it()
    {
        var sound = await MakeAsync(version: 2);
        var snapshot = sound.Keys.Single(file => file.Kind == FileKind.Snapshot).Name;
        var backend = Without(sound, FileKind.Index);

        var restore = await Assert.ThrowsAsync<MissingBlobException>(() => RestoreAsync(backend));

        Assert.Contains(snapshot[..8], restore.Message, StringComparison.Ordinal);
        Assert.Contains(snapshot[..8], await CheckAsync(backend), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_snapshot_is_named_when_it_is_asked_for()
    {
        var sound = await MakeAsync(version: 2);
        var snapshot = new SnapshotId(Sha256Id.Parse(sound.Keys.Single(file => file.Kind == FileKind.Snapshot).Name));
        var open = await Sample.OpenAsync(Without(sound, FileKind.Snapshot));

        var failure = await Assert.ThrowsAsync<SnapshotNotFoundException>(() =>
            open.SnapshotAsync(snapshot, Cancellation)
        );

        Assert.Contains(snapshot.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Empty(await open.SnapshotsAsync(SnapshotFilter.All, Cancellation));
    }

    [Fact]
    public async Task A_damaged_lock_is_named_and_nobody_works_beside_it()
    {
        var backend = Copy(await MakeAsync(version: 2));
        var open = await Sample.OpenAsync(backend, new HastyTime());
        await using var living = await open.LockAsync(LockMode.Exclusive, Sample.Living, Cancellation);
        var (file, sound) = backend.Files.Single(each => each.Key.Kind == FileKind.Lock);
        for (var offset = 0; offset <= sound.Length; offset += 3)
        {
            backend.Files[file] = offset < sound.Length ? Flipped(sound, offset) : sound[..^1];

            var failure = await Assert.ThrowsAsync<DamagedFileException>(() =>
                open.LockAsync(LockMode.Shared, Sample.Doomed, Sample.Locking, Cancellation)
            );

            Assert.Contains(file.ToString(), failure.Message, StringComparison.Ordinal);
        }

        backend.Files[file] = sound;
    }

    private Task FlipAsync(int version, int stride) => DamageEveryAsync(version, stride, "flipped", Flipped);

    private Task DropAsync(int version, int stride) =>
        DamageEveryAsync(version, stride, "missing", (content, offset) =>
            [.. content[..offset], .. content[(offset + 1)..]]
        );

    /// <summary>Does it at every stride-th offset of every file, at the last one too.</summary>
    private async Task DamageEveryAsync(int version, int stride, string how, Func<byte[], int, byte[]> damage)
    {
        var sound = await MakeAsync(version);
        var faults = 0;
        foreach (var (file, content) in sound)
        {
            foreach (
                var offset in Enumerable
                    .Range(0, content.Length)
                    .Where(offset => offset % stride == 0 || offset == content.Length - 1)
            )
            {
                await IsNamedAsync(sound, file, damage(content, offset), $"{file}: byte {offset} {how}");
                faults++;
            }
        }

        ledger.Faults($"{how} bytes, version {version}", faults, 0);
    }

    private static async Task IsNamedAsync(
        IReadOnlyDictionary<FileHandle, byte[]> sound,
        FileHandle file,
        byte[] damaged,
        string what
    )
    {
        var backend = Copy(sound);
        backend.Files[file] = damaged;
        var name = file.Kind == FileKind.Config ? "config" : file.Name;

        byte[]? restored = null;
        var restore = await Record.ExceptionAsync(async () => restored = await RestoreAsync(backend));
        var check = await CheckAsync(backend);

        // What a restore does not touch, such as the header of a pack, does not hinder it.
        Assert.True(
            restore is null ? Text.AsSpan().SequenceEqual(restored) : restore is RepositoryException,
            $"{what}: {restore}"
        );
        Assert.True(
            restore is null || restore.Message.Contains(name, StringComparison.Ordinal),
            $"{what}: restore says: {restore?.Message}"
        );
        Assert.True(check.Contains(name, StringComparison.Ordinal), $"{what}: check says: {check}");
    }

    private static async Task<IReadOnlyDictionary<FileHandle, byte[]>> MakeAsync(int version)
    {
        var backend = new MemoryBackend();
        var init = new InitOptions
        {
            Cost = new KeyCost(16, 1, 1),
            Version = version,
            Time = new ImpatientTime(),
        };
        var open = await Repository.InitAsync(backend, new Secret(Sample.Password), init, Cancellation);
        await using (var held = await open.LockAsync(LockMode.Shared, Sample.Living, Cancellation))
        {
            var options = new BackupOptions { Hostname = "host-0" };
            await (await open.LoadIndexAsync(Cancellation)).BackupAsync(
                [new BytesSource(Sample.OwnPath, Text)],
                options,
                null,
                held,
                Cancellation
            );
        }

        return new Dictionary<FileHandle, byte[]>(backend.Files);
    }

    private static async Task<byte[]> RestoreAsync(IBackend backend)
    {
        var open = await Sample.OpenAsync(backend);
        var latest = await open.FindSnapshotAsync("latest", SnapshotFilter.All, Cancellation);
        using var content = new MemoryStream();
        await (await open.LoadIndexAsync(Cancellation)).DumpAsync(
            latest,
            Sample.OwnPath,
            content,
            new DumpOptions(),
            null,
            Cancellation
        );
        return content.ToArray();
    }

    /// <summary>Everything that opening and checking say.</summary>
    private static async Task<string> CheckAsync(IBackend backend)
    {
        try
        {
            var report = await Sample.CheckAsync(await Sample.OpenAsync(backend), Sample.Living);
            return string.Join("; ", report.Errors);
        }
        catch (RepositoryException e)
        {
            return e.Message;
        }
    }

    private static MemoryBackend Copy(IReadOnlyDictionary<FileHandle, byte[]> files)
    {
        var backend = new MemoryBackend();
        foreach (var (file, content) in files)
        {
            backend.Files[file] = content;
        }

        return backend;
    }

    private static MemoryBackend Without(IReadOnlyDictionary<FileHandle, byte[]> files, FileKind kind) =>
        Copy(files.Where(file => file.Key.Kind != kind).ToDictionary());

    private static byte[] Flipped(byte[] content, int offset)
    {
        byte[] flipped = [.. content];
        flipped[offset] ^= (byte)(1 << (offset % 8));
        return flipped;
    }

    /// <summary>Cuts every wait below a minute short: also those for a lock that cannot be read.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(
                callback,
                state,
                dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromMinutes(1) ? TimeSpan.FromMilliseconds(1) : dueTime,
                period
            );
    }
}
