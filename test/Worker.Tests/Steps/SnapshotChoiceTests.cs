using System.Text;
using Granary.Engine;
using Granary.Engine.Archiving;
using Granary.Engine.Repositories;
using Granary.Engine.Repositories.Locking;
using Granary.Storage;
using Granary.Storage.Local;
using Granary.TestSupport;
using Granary.Worker.Steps.Restore;

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

        Assert.Equal(expected, (await SnapshotChoice.FindAsync(_repository, wanted, "", Token)).Id.ToString());
    }

    [Fact]
    public async Task Without_the_default_host_it_is_the_newest_of_any()
    {
        await StoreAsync("one", 1);
        var expected = await StoreAsync("two", 2);

        Assert.Equal(expected, (await SnapshotChoice.FindAsync(_repository, "latest", "", Token)).Id.ToString());
    }

    [Fact]
    public async Task A_host_that_is_named_counts_alone()
    {
        var expected = await StoreAsync("one", 1);
        await StoreAsync("two", 2);

        Assert.Equal(expected, (await SnapshotChoice.FindAsync(_repository, "latest", "one", Token)).Id.ToString());
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() =>
            SnapshotChoice.FindAsync(_repository, "latest", "three", Token)
        );
    }

    [Fact]
    public async Task An_id_is_taken_whatever_the_host_is()
    {
        var expected = await StoreAsync("one", 1);
        await StoreAsync("two", 2);

        Assert.Equal(expected, (await SnapshotChoice.FindAsync(_repository, expected, "two", Token)).Id.ToString());
        Assert.Equal(expected, (await SnapshotChoice.FindAsync(_repository, expected[..8], "", Token)).Id.ToString());
    }

    [Fact]
    public async Task Several_snapshots_are_refused() =>
        Assert.Contains(
            "exactly one",
            (
                await Assert.ThrowsAsync<StepFailedException>(() =>
                    SnapshotChoice.FindAsync(_repository, "a1,b2", "", Token)
                )
            ).Message,
            StringComparison.Ordinal
        );

    private async Task<string> StoreAsync(string host, int minute, string path = "/dumpfile.sql")
    {
        var index = await _repository.LoadIndexAsync(Token);
        await using var held = await _repository.LockAsync(LockMode.Shared, new LockOwner("h", "u", 1), Token);
        var options = new BackupOptions
        {
            Hostname = host,
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
