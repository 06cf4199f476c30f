using Granary.Engine.Checking;
using Granary.Engine.Ids;
using Granary.Engine.Maintenance;
using Granary.Engine.Pruning;
using Granary.Engine.Records;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Storage.Decorators;
using Granary.TestSupport;

namespace Granary.Engine.Tests.Maintenance;

public sealed class RepairAndKeysTests
{
    private static readonly KeyOptions Cheap = new()
    {
        Hostname = "here",
        Username = "me",
        Cost = Bench.Cheap,
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_index_that_is_gone_or_damaged_is_made_anew_from_the_packs(bool isGone)
    {
        var bench = await Bench.WithThreeBackupsAsync();
        foreach (var file in bench.Files(FileKind.Index).ToList())
        {
            if (isGone)
            {
                bench.Backend.Files.Remove(file);
            }
            else
            {
                bench.Backend.Files[file][20] ^= 1;
            }
        }

        var result = await RepairAsync(bench, readAll: false);

        Assert.Empty(result.Damaged);
        Assert.Equal(bench.Files(FileKind.Pack).Count(), result.PacksRead);
        Assert.Equal(3, await bench.EverySnapshotRestoresAsync());
        Assert.True((await Bench.CheckAsync(await bench.OpenAsync())).IsSound);
    }

    [Fact]
    public async Task A_pack_without_a_readable_header_is_named_and_left_in_the_store()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var pack = bench.Files(FileKind.Pack).First();
        bench.Backend.Files[pack][^10] ^= 1;

        var result = await RepairAsync(bench, readAll: true);

        Assert.Equal(pack.ToString(), Assert.Single(result.Damaged).File);
        Assert.True(bench.Backend.Files.ContainsKey(pack));
    }

    [Fact]
    public async Task A_sound_index_is_left_alone()
    {
        var bench = await Bench.WithThreeBackupsAsync();
        var files = bench.Backend.Files.Keys.ToHashSet();

        var result = await RepairAsync(bench, readAll: false);

        Assert.Equal(0, result.IndexesSaved + result.IndexesDeleted + result.PacksRead);
        Assert.True(files.SetEquals(bench.Backend.Files.Keys));
    }

    [Fact]
    public async Task A_password_can_be_added_listed_and_removed_but_not_the_one_in_use()
    {
        var bench = await Bench.CreateAsync();
        var open = await bench.OpenAsync();
        await using var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);

        var added = await open.AddKeyAsync(new Secret("second"), Cheap, held, Cancellation);
        var keys = await open.KeysAsync(Cancellation);

        Assert.Equal(2, keys.Count);
        Assert.Equal("here", keys.Single(key => key.Id == added).Hostname);
        Assert.Equal(open.KeyFile, keys.Single(key => key.IsCurrent).Id);
        await Assert.ThrowsAsync<KeyRefusedException>(() =>
            open.RemoveKeyAsync(open.KeyFile[..10], held, Cancellation)
        );
        await Assert.ThrowsAsync<KeyRefusedException>(() => open.RemoveKeyAsync("", held, Cancellation));
        await open.RemoveKeyAsync(added[..10], held, Cancellation);
        Assert.Equal(open.KeyFile, Assert.Single(await open.KeysAsync(Cancellation)).Id);
    }

    [Fact]
    public async Task A_damaged_key_does_not_lock_out_the_passwords_of_others()
    {
        var bench = await Bench.CreateAsync();
        var open = await bench.OpenAsync();
        await using (var held = await open.LockAsync(LockMode.Shared, Bench.Owner, Cancellation))
        {
            await open.AddKeyAsync(new Secret("second"), Cheap, held, Cancellation);
        }

        // Whichever of the two is listed first.
        foreach (var damaged in await open.KeysAsync(Cancellation))
        {
            var copy = bench.Copy();
            copy.Backend.Files[new FileHandle(FileKind.Key, damaged.Id)][50] ^= 1;
            var (sound, lost) = damaged.IsCurrent
                ? (new Secret("second"), Bench.Password)
                : (Bench.Password, new Secret("second"));

            var opened = await Repository.OpenAsync(copy.Backend, sound, new OpenOptions(), Cancellation);
            Assert.NotEqual(damaged.Id, opened.KeyFile);

            // Nobody can say whether it was this file's password.
            var fault = await Assert.ThrowsAsync<DamagedFileException>(() =>
                Repository.OpenAsync(copy.Backend, lost, new OpenOptions(), Cancellation)
            );
            Assert.Equal($"key/{damaged.Id}", fault.File);
        }
    }

    [Fact]
    public async Task A_key_file_that_asks_for_gigabytes_is_refused_by_name_and_locks_nobody_out()
    {
        var bench = await Bench.CreateAsync();
        var own = Assert.Single(bench.Files(FileKind.Key));
        var costly = (KeyRecord.Parse(bench.Backend.Files[own]) with { N = 1 << 24, R = 8, P = 1 }).ToJson();
        var added = new FileHandle(FileKind.Key, Sha256Id.Of(costly).ToString());
        bench.Backend.Files[added] = costly;
        var options = new OpenOptions { KeyHint = added.Name };

        var opened = await Repository.OpenAsync(bench.Backend, Bench.Password, options, Cancellation);
        Assert.Equal(own.Name, opened.KeyFile);

        bench.Backend.Files.Remove(own);
        var fault = await Assert.ThrowsAsync<UnsupportedFormatException>(() =>
            Repository.OpenAsync(bench.Backend, Bench.Password, options, Cancellation)
        );
        Assert.Contains($"{added} asks for scrypt with N=16777216, r=8, p=1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("16384 MiB of memory; at most 256 MiB", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_who_remove_each_others_key_leave_one()
    {
        var bench = await Bench.CreateAsync();
        var first = await bench.OpenAsync();
        await using var held = await first.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        var added = await first.AddKeyAsync(new Secret("second"), Cheap, held, Cancellation);
        var second = await Repository.OpenAsync(
            bench.Backend,
            new Secret("second"),
            new OpenOptions { KeyHint = added[..8] },
            Cancellation
        );
        await first.RemoveKeyAsync(added, held, Cancellation);
        await held.DisposeAsync();

        await using var next = await second.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        var refusal = await Assert.ThrowsAsync<KeyRefusedException>(() =>
            second.RemoveKeyAsync(first.KeyFile, next, Cancellation)
        );

        Assert.Contains("was removed meanwhile", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(first.KeyFile, (await bench.OpenAsync()).KeyFile);
    }

    [Fact]
    public async Task Of_twenty_keys_one_may_be_changed_but_none_is_added()
    {
        var bench = await Bench.CreateAsync();
        var open = await bench.OpenAsync();
        await using var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        for (var count = 1; count < 20; count++)
        {
            await open.AddKeyAsync(new Secret($"password {count}"), Cheap, held, Cancellation);
        }

        var refusal = await Assert.ThrowsAsync<KeyRefusedException>(() =>
            open.AddKeyAsync(new Secret("one more"), Cheap, held, Cancellation)
        );
        var changed = await open.ChangePasswordAsync(new Secret("changed"), Cheap, held, Cancellation);

        Assert.Contains("20 keys", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(20, (await open.KeysAsync(Cancellation)).Count);
        Assert.Equal(
            changed,
            (await Repository.OpenAsync(bench.Backend, new Secret("changed"), new OpenOptions(), Cancellation)).KeyFile
        );
    }

    [Fact]
    public async Task An_index_is_not_repaired_by_who_opened_the_repository_before_it_was_upgraded()
    {
        var bench = await Bench.WithThreeBackupsAsync(version: 1);
        var before = await bench.OpenAsync();
        var open = await bench.OpenAsync();
        await using (var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation))
        {
            await open.MigrateAsync(open.PlanMigration(), held, Path.GetTempPath(), Cancellation);
        }

        await bench.BackupAsync(new byte[1_000_000]);
        await using var late = await before.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);

        await Assert.ThrowsAsync<PlanOutdatedException>(() =>
            before.PlanRepairIndexAsync(readAllPacks: false, late, progress: null, Cancellation)
        );

        Assert.Equal(4, await bench.EverySnapshotRestoresAsync());
    }

    [Fact]
    public async Task A_changed_password_replaces_the_old_one()
    {
        var bench = await Bench.CreateAsync();
        var open = await bench.OpenAsync();
        await using (var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation))
        {
            await open.ChangePasswordAsync(new Secret("new"), Cheap, held, Cancellation);
        }

        await Assert.ThrowsAsync<WrongPasswordException>(() => bench.OpenAsync());
        var again = await Repository.OpenAsync(bench.Backend, new Secret("new"), new OpenOptions(), Cancellation);
        Assert.Equal(open.KeyFile, again.KeyFile);
    }

    [Fact]
    public async Task An_upgraded_repository_keeps_its_snapshots_and_compresses_new_ones()
    {
        var bench = await Bench.WithThreeBackupsAsync(version: 1);
        var open = await bench.OpenAsync();
        await using (var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation))
        {
            await open.MigrateAsync(open.PlanMigration(), held, Path.GetTempPath(), Cancellation);
        }

        await bench.BackupAsync(new byte[1_000_000]);

        var upgraded = await bench.OpenAsync();
        Assert.Equal(2, upgraded.Version);
        Assert.Throws<UnsupportedFormatException>(() => upgraded.PlanMigration());
        Assert.Equal(4, await bench.EverySnapshotRestoresAsync());
        Assert.True((await Bench.CheckAsync(upgraded)).IsSound);
        await Bench.PruneAsync(upgraded, new PruneOptions { RepackUncompressed = true });
        Assert.Equal(4, await bench.EverySnapshotRestoresAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_config_that_cannot_be_replaced_is_put_back_or_kept_beside(bool isGoneForGood)
    {
        var bench = await Bench.WithThreeBackupsAsync(version: 1);
        using var folder = new TempDirectory();
        var store = new ForgettingBackend(bench.Backend) { RefusesForGood = isGoneForGood };
        var open = await bench.OpenAsync(store);
        await using var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        var old = bench.Backend.Files[FileHandle.Config];

        var failure = await Record.ExceptionAsync(() =>
            open.MigrateAsync(open.PlanMigration(), held, folder.Path, Cancellation)
        );

        if (isGoneForGood)
        {
            var kept = Assert.IsType<ConfigNotRestoredException>(failure).File;
            Assert.Contains(kept, failure.Message, StringComparison.Ordinal);
            bench.Backend.Files[FileHandle.Config] = await File.ReadAllBytesAsync(kept, Cancellation);
        }
        else
        {
            Assert.IsType<StorageException>(failure);
            Assert.Empty(Directory.GetFiles(folder.Path));
        }

        Assert.Equal(old, bench.Backend.Files[FileHandle.Config]);
        Assert.Equal(3, await bench.EverySnapshotRestoresAsync());
    }

    /// <summary>
    /// Replaces a file as REST servers can: the old one is deleted first, and then the store is full.
    /// </summary>
    private sealed class ForgettingBackend(MemoryBackend inner) : DelegatingBackend(inner)
    {
        private bool _hasRefused;

        public bool RefusesForGood { get; init; }

        public override async Task SaveAsync(
            FileHandle handle,
            Stream content,
            SaveMode mode,
            CancellationToken cancellationToken
        )
        {
            if (handle.Kind == FileKind.Config && (RefusesForGood || !_hasRefused))
            {
                _hasRefused = true;
                await Inner.DeleteAsync(handle, cancellationToken);
                throw new StorageException(StorageError.Full, Location, handle, "no space left");
            }

            await Inner.SaveAsync(handle, content, mode, cancellationToken);
        }
    }

    private static async Task<RepairIndexResult> RepairAsync(Bench bench, bool readAll)
    {
        var open = await bench.OpenAsync();
        await using var held = await open.LockAsync(LockMode.Exclusive, Bench.Owner, Cancellation);
        var plan = await open.PlanRepairIndexAsync(readAll, held, progress: null, Cancellation);
        return await open.RepairIndexAsync(plan, held, null, Cancellation);
    }
}
