using Granary.Storage.Contract;
using Granary.Storage.Swift;
using Granary.TestSupport.StandIns;

namespace Granary.Storage.Tests.Swift;

/// <summary>The server for a class of tests.</summary>
public sealed class SwiftFixture : SwiftStandIn, IAsyncLifetime;

/// <summary>The contract on Swift, signed in with Keystone.</summary>
public sealed class SwiftBackendTests(SwiftFixture swift) : BackendContractTests, IClassFixture<SwiftFixture>
{
    private readonly string _container = $"test {Guid.NewGuid():N}";

    // Pages of a hundred.
    protected override int ManyFiles => 250;

    protected override IReadOnlyList<string> Credentials => [SwiftStandIn.Password];

    protected override IBackend Open(string prefix = "backups/shop") =>
        SwiftBackend.Create(
            new SwiftOptions
            {
                Container = _container,
                Prefix = prefix,
                ListPageSize = 100,
                Identity = new SwiftKeystone
                {
                    AuthUrl = $"{swift.Url}/identity",
                    Region = "north",
                    UserName = "backup",
                    Password = new Secret(SwiftStandIn.Password),
                    ProjectName = "demo",
                },
            },
            TimeProvider.System
        );

    protected override Task AddForeignAsync(string relativePath, byte[] content)
    {
        swift.Container(_container).Put("backups/shop/" + relativePath, content);
        return Task.CompletedTask;
    }
}
