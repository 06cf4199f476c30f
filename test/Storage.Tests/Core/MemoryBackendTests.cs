using Granary.Storage.Contract;
using Granary.Storage.Decorators;
using Granary.Storage.Layouts;
using Granary.TestSupport;

namespace Granary.Storage.Tests.Core;

public class MemoryBackendTests : BackendContractTests
{
    protected override IBackend Open(string prefix = "backups/shop") => new MemoryBackend();

    protected override Task AddForeignAsync(string relativePath, byte[] content)
    {
        Assert.False(Layout.IsFileName(relativePath.Split('/')[^1]));
        return Task.CompletedTask;
    }
}

/// <summary>The composition that programs use keeps the contract.</summary>
public class DecoratedBackendTests : BackendContractTests
{
    protected override IBackend Open(string prefix = "backups/shop")
    {
        var metered = new Decorators.MeteredBackend(new MemoryBackend());
        var throttled = new Decorators.ThrottledBackend(
            metered,
            ByteSize.FromMebibytes(4096),
            ByteSize.FromMebibytes(4096),
            TimeProvider.System
        );
        return new Decorators.RetryingBackend(
            new Decorators.LimitedBackend(throttled, 2),
            new Decorators.RetryOptions(),
            TimeProvider.System
        );
    }

    protected override Task AddForeignAsync(string relativePath, byte[] content) => Task.CompletedTask;
}
