using System.Text;
using Granary.Engine;
using Granary.Engine.Archiving;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;
using Granary.Worker.Steps.Maintenance;
using Granary.Worker.Steps.Restore;
using TargetRef = Granary.Api.Common.TargetRef;

namespace Granary.Worker.Tests.Steps;

public sealed class SnapshotChoiceTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private OpenRepository _repository = null!;
    private IBackend _backend = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _backend = LocalBackend.Create(new LocalOptions { Path = _folder["repo"] }, TimeProvider.System);
        _repository = await Repository.InitAsync(
            _backend,
            new Secret("password"),
            new InitOptions { Cost = new KeyCost(1024, 8, 1) },
            Token
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("latest")]
    public async Task Nothing_said_means_the_newest_dump_of_the_default_host(string wanted)
    {
        await StoreAsync("host-0", 1);
        var expected = await StoreAsync("host-0", 2);
        await StoreAsync("alias", 3);
        await StoreAsync("host-0", 4, "/other-file");

        Assert.Equal(expected, (await FindAsync(wanted, "")).Id.ToString());
    }

    [Fact]
    public async Task Without_the_default_host_it_is_the_newest_of_any()
    {
        await StoreAsync("one", 1);
        var expected = await StoreAsync("two", 2);

        Assert.Equal(expected, (await FindAsync("latest", "")).Id.ToString());
    }

    [Fact]
    public async Task A_host_that_is_named_counts_alone()
    {
        var expected = await StoreAsync("one", 1);
        await StoreAsync("two", 2);

        Assert.Equal(expected, (await FindAsync("latest", "one")).Id.ToString());
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() => FindAsync("latest", "three"));
    }

    [Fact]
    public async Task An_id_is_taken_whatever_the_host_is()
    {
        var expected = await StoreAsync("one", 1);
        await StoreAsync("two", 2);

        Assert.Equal(expected, (await FindAsync(expected, "two")).Id.ToString());
        Assert.Equal(expected, (await FindAsync(expected[..8], "")).Id.ToString());
    }

    [Fact]
    public async Task Several_snapshots_are_refused() =>
        Assert.Contains(
            "exactly one",
            (await Assert.ThrowsAsync<StepFailedException>(() => FindAsync("a1,b2", ""))).Message,
            StringComparison.Ordinal
        );

    // Two configurations in one repository, both as host-0.
    [Fact]
    public async Task The_latest_is_of_the_target_that_is_restored_into()
    {
        var untagged = await StoreAsync("host-0", 1);
        Assert.Equal(untagged, (await FindAsync("latest", "", "a")).Id.ToString());
        var a = await StoreAsync("host-0", 2, tags: Owner("nightly").TagsFor(Target("a")));
        Assert.Equal(a, (await FindAsync("latest", "", "elsewhere")).Id.ToString());
        a = await StoreAsync("host-0", 3, tags: Owner("hourly").TagsFor(Target("a")));
        Assert.Equal(a, (await FindAsync("latest", "", "elsewhere")).Id.ToString());
        var b = await StoreAsync("host-0", 4, tags: Owner("other").TagsFor(Target("b")));

        Assert.Equal(a, (await FindAsync("latest", "", "a")).Id.ToString());
        Assert.Equal(b, (await FindAsync("latest", "", "b")).Id.ToString());
        Assert.Equal(untagged, (await FindAsync(untagged, "", "b")).Id.ToString());
        var refused = await Assert.ThrowsAsync<StepFailedException>(() => FindAsync("latest", "", "c"));
        Assert.Contains("of demo/AppBinding/a, demo/AppBinding/b", refused.Message, StringComparison.Ordinal);
        Assert.Contains("none of them of demo/AppBinding/c", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retention_looks_at_its_own_and_at_those_without_an_owner_while_it_is_alone()
    {
        var (own, other) = (Owner("nightly"), Owner("other"));
        var untagged = await StoreAsync("host-0", 1);
        var mine = await StoreAsync("host-0", 2, tags: own.TagsFor(Target("a")));
        Assert.Equal([untagged, mine], await OwnAsync(own));

        var theirs = await StoreAsync("host-0", 3, tags: other.TagsFor(Target("b")));

        Assert.Equal([mine], await OwnAsync(own));
        Assert.Equal([theirs], await OwnAsync(other));
        Assert.Empty(await OwnAsync(own with { Namespace = "another" }));
    }

    private static SnapshotOwner Owner(string name) => new("demo", "BackupConfiguration", name);

    private static TargetRef Target(string name) => new() { Kind = "AppBinding", Name = name };

    private Task<Snapshot> FindAsync(string wanted, string host, string target = "db") =>
        SnapshotChoice.FindAsync(_repository, wanted, host, Target(target), "demo", Token);

    private async Task<IEnumerable<string>> OwnAsync(SnapshotOwner owner) =>
        owner
            .OwnOf(await _repository.SnapshotsAsync(SnapshotFilter.All, Token))
            .OrderBy(snapshot => snapshot.Record.Time.Value)
            .Select(snapshot => snapshot.Id.ToString());

    private async Task<string> StoreAsync(
        string host,
        int minute,
        string path = "/dumpfile.sql",
        IReadOnlyList<string>? tags = null
    )
    {
        var index = await _repository.LoadIndexAsync(Token);
        await using var held = await _repository.LockAsync(LockMode.Shared, new LockOwner("h", "u", 1), Token);
        var options = new BackupOptions
        {
            Hostname = host,
            Tags = tags ?? [],
            Time = DateTimeOffset.UnixEpoch.AddYears(50).AddMinutes(minute),
        };
        return (await index.BackupAsync([new Text(path)], options, null, held, Token)).SnapshotId.ToString();
    }

    private sealed class Text(string path) : ISource
    {
        public string Path => path;

        public Task<Stream> OpenAsync(CancellationToken cancellationToken) =>
            Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes("SELECT 1;")));

        public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
