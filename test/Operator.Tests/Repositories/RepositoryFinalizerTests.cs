using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using k8s.Models;

namespace Granary.Operator.Tests.Repositories;

[Collection(ClusterCollection.Name)]
public sealed class RepositoryFinalizerTests(TestCluster cluster) : IAsyncLifetime
{
    private Bench _bench = null!; // Set before each test.

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(cluster);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task WipeOut_holds_up_a_Repository_but_not_its_namespace()
    {
        var repository = Make.Repository();
        repository.Spec.WipeOut = true;
        repository.Metadata.Finalizers = [Finalizers.Repository];
        await _bench.CreateAsync(repository);

        var alone = await _bench.FinalizeAsync<Repository>("storage", Finalizers.Repository);

        Assert.False(alone.IsSuccess);
        var stored = await _bench.GetAsync<Repository>("storage");
        Assert.Equal("WipeOutNotSupported", stored.Status.Conditions.Find(ConditionTypes.Ready)?.Reason);

        await _bench.Client.DeleteAsync<V1Namespace>(
            _bench.Namespace,
            cancellationToken: TestContext.Current.CancellationToken
        );
        var home = await _bench.Client.GetAsync<V1Namespace>(
            _bench.Namespace,
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.NotNull(home?.Metadata.DeletionTimestamp);
        var together = await _bench.FinalizeAsync<Repository>("storage", Finalizers.Repository);

        Assert.True(together.IsSuccess);
    }
}
