using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using k8s.Models;

namespace Granary.Operator.Tests.Tenancy;

/// <summary>A Role in the namespace of a Repository serves the one invoker that it was made for.</summary>
[Collection(ClusterCollection.Name)]
public sealed class RolesOfOthersTests(TestCluster cluster) : IAsyncLifetime
{
    private static readonly string Job = ObjectNames.BackupJob("pg-backup-1", 0);

    private Bench _bench = null!; // Set before each test.
    private Bench _storage = null!; // The Repository's namespace.

    public async ValueTask InitializeAsync()
    {
        _bench = await Bench.StartAsync(cluster);
        _storage = await Bench.StartAsync(cluster);
        await _storage.PrepareAsync();
        await _storage.AllowAsync(NamespacesFrom.All);
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task One_that_was_not_made_for_this_invoker_is_never_rewritten()
    {
        var name = Name;
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

    [Fact]
    public async Task One_lives_as_long_as_its_Job()
    {
        await StartAsync();
        Assert.NotNull(await _storage.FindAsync<V1RoleBinding>(Name));

        await _bench.ReportAsync();
        await _bench.EndJobAsync(Job, succeeded: true);
        await _bench.ReconcileSessionAsync();
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Succeeded, session.Status.Phase);
        await AssertNoRightAsync();
    }

    [Fact]
    public async Task One_goes_when_the_policy_closes_although_its_Job_runs()
    {
        await StartAsync();
        Assert.Single((await _storage.GetAsync<Repository>("storage")).Status.References);

        await _storage.AllowAsync(NamespacesFrom.Same);
        await _storage.ReconcileAsync<Repository>("storage");

        await AssertNoRightAsync();
        Assert.Empty((await _storage.GetAsync<Repository>("storage")).Status.References);
    }

    // The operator was away when the session was deleted, and its Job with it.
    [Fact]
    public async Task One_whose_Job_is_gone_is_swept()
    {
        await StartAsync();
        await _bench.Client.DeleteAsync<BackupSession>("pg-backup-1", _bench.Namespace);
        await _bench.Client.DeleteAsync<V1Job>(Job, _bench.Namespace);
        await _bench.WaitUntilGoneAsync(Job);

        await _storage.ReconcileAsync<Repository>("storage");
        Assert.NotNull(await _storage.FindAsync<V1Role>(Name));
        cluster.Clock.Advance(TimeSpan.FromMinutes(6));
        await _storage.ReconcileAsync<Repository>("storage");

        await AssertNoRightAsync();
    }

    [Fact]
    public async Task They_go_with_the_Repository()
    {
        await StartAsync();
        await _storage.ReconcileAsync<Repository>("storage");
        await _storage.Client.DeleteAsync<Repository>("storage", _storage.Namespace);

        await _storage.FinalizeAsync<Repository>("storage", Finalizers.Repository);

        await AssertNoRightAsync();
    }

    [Fact]
    public async Task A_namespace_that_may_not_use_a_Repository_is_no_user_of_it_and_learns_nothing_of_its_Secret()
    {
        await _storage.AllowAsync(NamespacesFrom.Same);
        await _storage.Client.DeleteAsync<V1Secret>("storage-secret", _storage.Namespace);

        await _bench.ReadyAsync(configuration => configuration.Spec.Repository!.Namespace = _storage.Namespace);

        Assert.Empty((await _storage.GetAsync<Repository>("storage")).Status.References);
        var conditions = (await _bench.GetAsync<BackupConfiguration>("pg-backup")).Status.Conditions;
        Assert.True(conditions.IsFalse(ConditionTypes.ValidationPassed));
        Assert.Equal("Unknown", conditions.Find(ConditionTypes.BackendSecretFound)?.Status);
    }

    private string Name => ObjectNames.RepositoryRole(_bench.Namespace, Job);

    private async Task StartAsync()
    {
        await _bench.ReadyAsync(configuration => configuration.Spec.Repository!.Namespace = _storage.Namespace);
        await _bench.ReconcileSessionAsync();
        Assert.NotNull(await _storage.FindAsync<V1Role>(Name));
    }

    private async Task AssertNoRightAsync()
    {
        Assert.Null(await _storage.FindAsync<V1RoleBinding>(Name));
        Assert.Null(await _storage.FindAsync<V1Role>(Name));
    }
}
