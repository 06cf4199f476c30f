using Granary.Storage.Contract;
using Granary.Storage.Swift;
using Granary.TestSupport.Servers;

namespace Granary.Storage.Tests.Swift;

/// <summary>Swift itself for a class of tests.</summary>
public sealed class RealSwiftFixture : IAsyncLifetime
{
    public SwiftServer Server { get; private set; } = null!; // set before any test runs

    public async ValueTask InitializeAsync() =>
        Server = await SwiftServer.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>The contract on Swift itself, signed in by version 1.</summary>
public sealed class RealSwiftTests(RealSwiftFixture swift) : BackendContractTests, IClassFixture<RealSwiftFixture>
{
    private readonly string _container = $"test {Guid.NewGuid():N}";

    // Pages of a hundred.
    protected override int ManyFiles => 250;

    // Swift looks whether the name is taken before an upload begins, not when it ends.
    protected override bool CreateOnlyIsAtomic => false;

    protected override IReadOnlyList<string> Credentials => [SwiftServer.Key];

    protected override IBackend Open(string prefix = "backups/shop") =>
        SwiftBackend.Create(
            new SwiftOptions
            {
                Container = _container,
                Prefix = prefix,
                ListPageSize = 100,
                Identity = new SwiftVersionOne(swift.Server.AuthUrl, SwiftServer.User, new Secret(SwiftServer.Key)),
            },
            TimeProvider.System
        );

    protected override Task AddForeignAsync(string relativePath, byte[] content) =>
        swift.Server.PutAsync(
            _container,
            "backups/shop/" + relativePath,
            content,
            TestContext.Current.CancellationToken
        );
}
