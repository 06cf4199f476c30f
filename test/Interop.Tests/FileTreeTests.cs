using System.Text.Json.Nodes;
using Granary.Engine.Maintenance;
using Granary.Engine.Pruning;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Engine.Retention;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;

namespace Granary.Interop.Tests;

/// <summary>With the newest restic.</summary>
public sealed class CurrentFileTreeTests() : FileTreeTests(ResticRelease.Current);

/// <summary>With restic 0.14.</summary>
public sealed class OldFileTreeTests() : FileTreeTests(ResticRelease.Old);

/// <summary>
/// Backups that restic made of files: what we have no use for in them has to survive our maintenance.
/// </summary>
public abstract class FileTreeTests : IAsyncDisposable
{
    private const string Password = "interop-password";
    private const string Attribute = "user.granary";
    private static readonly LockOwner Owner = new("interop-host", "tester", Environment.ProcessId);
    private static readonly DateTime Changed = new(2021, 3, 4, 5, 6, 7, DateTimeKind.Utc);

    private readonly TempDirectory _folder = new();
    private readonly LocalBackend _backend;
    private readonly ResticCli _restic;

    protected FileTreeTests(ResticRelease release)
    {
        _backend = LocalBackend.Create(new LocalOptions { Path = _folder["repo"] }, TimeProvider.System);
        _restic = new ResticCli(_folder["repo"], Password, release: release);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _backend.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Forget_migrate_and_prune_keep_all_that_a_tree_says_of_a_file(int version)
    {
        await ResticAsync("init", "--repository-version", $"{version}");
        Write();
        await ResticAsync("backup", _folder["files"]);
        File.Delete(_folder["files/large"]);
        await ResticAsync("backup", _folder["files"]);
        var before = await TreesAsync();

        var pruned = await MaintainAsync(version);

        Assert.True(pruned.BlobsRepacked > 0, "nothing was repacked");
        Assert.Contains("no errors were found", await ResticAsync("check", "--read-data"), StringComparison.Ordinal);
        Assert.Equal(before, await TreesAsync());
        await ResticAsync("restore", "latest", "--target", _folder["restored"]);
        AssertRestored(_folder["restored"] + _folder["files"]);
    }

    private void Write()
    {
        Directory.CreateDirectory(_folder["files/empty"]);
        File.WriteAllBytes(_folder["files/large"], SeededBytes.Random("large", 3_000_000));
        File.WriteAllBytes(_folder["files/kept"], SeededBytes.Random("kept", 2_000_000));
        File.WriteAllText(_folder["files/kind of \"ödd\" <name>\u0001"], "odd");
        File.CreateSymbolicLink(_folder["files/link"], "kept");
        PosixFile.Link(_folder["files/kept"], _folder["files/twin"]);
        File.SetUnixFileMode(
            _folder["files/kept"],
            UnixFileMode.UserRead | UnixFileMode.GroupExecute | UnixFileMode.SetUser
        );
        PosixFile.SetAttribute(_folder["files/kept"], Attribute, "välue");
        PosixFile.SetAttribute(_folder["files/empty"], Attribute, "of a folder");
        File.SetLastWriteTimeUtc(_folder["files/kept"], Changed);
    }

    private static void AssertRestored(string files)
    {
        var kept = Path.Combine(files, "kept");
        Assert.Equal(
            ["empty", "kept", "kind of \"ödd\" <name>\u0001", "link", "twin"],
            Directory.EnumerateFileSystemEntries(files).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Equal(SeededBytes.Random("kept", 2_000_000), File.ReadAllBytes(kept));
        Assert.Equal("kept", File.ResolveLinkTarget(Path.Combine(files, "link"), returnFinalTarget: false)?.Name);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.GroupExecute | UnixFileMode.SetUser,
            File.GetUnixFileMode(kept)
        );
        Assert.Equal(Changed, File.GetLastWriteTimeUtc(kept));
        Assert.Equal("välue", PosixFile.Attribute(kept, Attribute));
        Assert.Equal("of a folder", PosixFile.Attribute(Path.Combine(files, "empty"), Attribute));

        // Two names of one file: what is set on one shows on the other.
        PosixFile.SetAttribute(kept, Attribute, "changed");
        Assert.Equal("changed", PosixFile.Attribute(Path.Combine(files, "twin"), Attribute));
    }

    /// <summary>
    /// Everything that restic lists of the newest snapshot, which includes inodes and links, and the trees' text.
    /// </summary>
    private async Task<(string Tree, string Text)> TreesAsync()
    {
        var snapshots = JsonNode.Parse(await ResticAsync("snapshots", "--json", "--latest", "1"))!.AsArray();
        var tree = Assert.Single(snapshots)!["tree"]!.GetValue<string>();
        var text = "";
        for (var id = tree; id is not null; )
        {
            var blob = await ResticAsync("cat", "blob", id);
            text += blob;
            id = JsonNode.Parse(blob)!["nodes"]!
                .AsArray()
                .Select(node => node!["subtree"]?.GetValue<string>())
                .FirstOrDefault(subtree => subtree is not null);
        }

        Assert.Contains("extended_attributes", text, StringComparison.Ordinal);
        return (tree, text);
    }

    private async Task<PruneResult> MaintainAsync(int version)
    {
        var open = await OpenAsync();
        if (version == 1)
        {
            await using var upgrade = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation);
            await open.MigrateAsync(open.PlanMigration(), upgrade, Path.GetTempPath(), Cancellation);
        }

        open = await OpenAsync();
        await using var held = await open.LockAsync(LockMode.Exclusive, Owner, Cancellation);
        var policy = new RetentionPolicy { Last = 1 };
        var forget = ForgetPlan.For(
            await open.SnapshotsAsync(SnapshotFilter.All, Cancellation),
            policy,
            SnapshotGrouping.Default,
            DateTimeOffset.UtcNow
        );
        Assert.Single((await open.ForgetAsync(forget, held, null, Cancellation)).Removed);
        var options = new PruneOptions
        {
            MaxUnused = UnusedLimit.Bytes(0),
            RepackUncompressed = true,
            RepackSmall = true,
        };
        return await open.PruneAsync(
            await open.PlanPruneAsync(options, held, null, Cancellation),
            held,
            null,
            Cancellation
        );
    }

    private Task<OpenRepository> OpenAsync() =>
        Repository.OpenAsync(_backend, new Secret(Password), new OpenOptions(), Cancellation);

    private async Task<string> ResticAsync(params string[] arguments) =>
        (await _restic.RunAsync(arguments, cancellationToken: Cancellation)).Succeeded().Output;
}
