using Granary.Api.Names;
using Granary.Operator.Backups;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Tests.Support;
using k8s;
using k8s.Models;

namespace Granary.Operator.Tests.Cluster;

/// <summary>Each kind of child object, made, changed by somebody else, and mended.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ChildObjectsTests(TestCluster cluster) : IAsyncLifetime
{
    private Bench _bench = null!; // Set before each test.

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(cluster);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public Task A_ServiceAccount_gets_its_annotations_back() =>
        MendsAsync(
            new V1ServiceAccount
            {
                Metadata = Meta(annotations: new Dictionary<string, string> { ["role"] = "backup" }),
            },
            stored => stored.Metadata.Annotations["role"] = "admin",
            stored => Assert.Equal("backup", stored.Metadata.Annotations["role"])
        );

    [Fact]
    public Task A_Role_gets_its_rules_back() =>
        MendsAsync(
            new V1Role
            {
                Metadata = Meta(),
                Rules =
                [
                    new V1PolicyRule
                    {
                        ApiGroups = [""],
                        Resources = ["secrets"],
                        ResourceNames = ["one"],
                        Verbs = ["get"],
                    },
                ],
            },
            stored => stored.Rules[0].Verbs = ["get", "delete"],
            stored => Assert.Equal(["get"], Assert.Single(stored.Rules).Verbs)
        );

    [Fact]
    public Task A_RoleBinding_gets_its_subjects_back() =>
        MendsAsync(
            new V1RoleBinding
            {
                Metadata = Meta(),
                RoleRef = new V1RoleRef
                {
                    ApiGroup = "rbac.authorization.k8s.io",
                    Kind = "ClusterRole",
                    Name = "stash-backup-job",
                },
                Subjects = [Account("ours")],
            },
            stored => stored.Subjects = [Account("theirs")],
            stored =>
            {
                Assert.Equal("ours", Assert.Single(stored.Subjects).Name);
                Assert.Equal("stash-backup-job", stored.RoleRef.Name);
            }
        );

    [Fact]
    public Task A_CronJob_gets_its_image_back()
    {
        var configuration = Make.Configuration();
        configuration.Metadata.NamespaceProperty = _bench.Namespace;
        return MendsAsync(
            TriggerCronJob.Build(BackupInvoker.Of(configuration), "account", Make.Options),
            stored => stored.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Image = "other",
            stored =>
                Assert.Equal(Make.Options.WorkerImage, stored.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Image)
        );
    }

    private async Task MendsAsync<T>(T wanted, Action<T> spoil, Action<T> check)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var token = TestContext.Current.CancellationToken;
        var children = new ChildObjects(_bench.Client);
        var made = await children.EnsureAsync(wanted, token);
        spoil(made);
        await _bench.Client.UpdateAsync(made, token);

        await children.EnsureAsync(wanted, token);

        var stored = await _bench.GetAsync<T>(wanted.Metadata.Name);
        check(stored);
        var again = await children.EnsureAsync(wanted, token);
        Assert.Equal(stored.Metadata.ResourceVersion, again.Metadata.ResourceVersion);
    }

    private V1ObjectMeta Meta(IDictionary<string, string>? annotations = null) =>
        new()
        {
            Name = "child",
            NamespaceProperty = _bench.Namespace,
            Annotations = annotations,
        };

    private Rbacv1Subject Account(string name) =>
        new()
        {
            Kind = "ServiceAccount",
            Name = name,
            NamespaceProperty = _bench.Namespace,
        };
}
