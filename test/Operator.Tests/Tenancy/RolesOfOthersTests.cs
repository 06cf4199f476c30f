using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using k8s.Models;

namespace Granary.Operator.Tests.Tenancy;

/// <summary>A Role in the namespace of a Repository serves the one invoker that it was made for.</summary>
[Collection(ClusterCollection.Name)]
public sealed class RolesOfOthersTests(TestCluster cluster) : IAsyncLifetime
{
    private Bench _bench = null!; // Set before each test.
    private Bench _storage = null!; // The Repository's namespace.

    public async ValueTask InitializeAsync()
    {
        _bench = await Bench.StartAsync(cluster);
        _storage = await Bench.StartAsync(cluster);
        await _storage.PrepareAsync();
        var repository = await _storage.GetAsync<Repository>("storage");
        repository.Spec.UsagePolicy = new UsagePolicy
        {
            AllowedNamespaces = new AllowedNamespaces { From = NamespacesFrom.All },
        };
        await _storage.Client.UpdateAsync(repository);
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task One_that_was_not_made_for_this_invoker_is_never_rewritten()
    {
        var name = ObjectNames.RepositoryRole(_bench.Namespace, "BackupConfiguration", "pg-backup", 0);
        await _storage.CreateAsync(
            new V1Role
            {
                ApiVersion = "rbac.authorization.k8s.io/v1",
                Kind = V1Role.KubeKind,
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    NamespaceProperty = _storage.Namespace,
                    Labels = new Dictionary<string, string> { [Labels.InvokerUid] = "of-another" },
                },
            }
        );
        await _bench.ReadyAsync(configuration => configuration.Spec.Repository!.Namespace = _storage.Namespace);

        var session = await _bench.ReconcileSessionAsync();

        Assert.Null((await _storage.GetAsync<V1Role>(name)).Rules);
        var ensured = session.Status.Targets[0].Conditions.Find(ConditionTypes.BackupExecutorEnsured);
        Assert.Equal("False", ensured?.Status);
        Assert.Contains($"{_storage.Namespace}/{name}", ensured!.Message, StringComparison.Ordinal);
    }
}
