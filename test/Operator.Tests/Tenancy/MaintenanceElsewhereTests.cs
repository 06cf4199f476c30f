using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using k8s.Models;

namespace Granary.Operator.Tests.Tenancy;

/// <summary>What is done to a Repository of another namespace is done there, by an account of that namespace.</summary>
[Collection(ClusterCollection.Name)]
public sealed class MaintenanceElsewhereTests(TestCluster cluster) : IAsyncLifetime
{
    private static readonly string BackupJob = ObjectNames.BackupJob("pg-backup-1", 0);

    private Bench _bench = null!; // Set before each test.
    private Bench _storage = null!; // The Repository's namespace.

    private string MaintenanceJob => ObjectNames.MaintenanceJob(_bench.Namespace, "pg-backup-1");

    public async ValueTask InitializeAsync()
    {
        _bench = await Bench.StartAsync(cluster);
        _storage = await Bench.StartAsync(cluster);
        await _storage.PrepareAsync();
        await _storage.AllowAsync(NamespacesFrom.All);
        await _bench.ReadyAsync(configuration => configuration.Spec.Repository!.Namespace = _storage.Namespace);
        await _bench.ReconcileSessionAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task The_tenants_Job_may_not_write_the_Repositorys_status()
    {
        var role = await _storage.GetAsync<V1Role>(ObjectNames.RepositoryRole(_bench.Namespace, BackupJob));

        Assert.All(role.Rules, rule => Assert.Equal(["get"], rule.Verbs));
        Assert.DoesNotContain(role.Rules, rule => rule.Resources.Contains("repositories/status"));
    }

    [Fact]
    public async Task A_Job_in_the_Repositorys_namespace_does_the_rest_and_tells_the_session()
    {
        await BackUpAsync();
        var waiting = await _bench.ReconcileSessionAsync();
        Assert.Equal(SessionPhase.Running, waiting.Status.Phase);

        var job = await _storage.GetAsync<V1Job>(MaintenanceJob);
        var pod = job.Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);
        Assert.Equal("maintain-repository", container.Args[0]);
        Assert.Contains("--keep-last=5", container.Args);
        Assert.Contains("--action=ApplyRetentionPolicy", container.Args);
        Assert.Contains($"--namespace={_storage.Namespace}", container.Args);
        Assert.Contains(pod.Volumes, volume => volume.Secret?.SecretName == "storage-secret");
        Assert.Equal("stash-maintenance-storage", pod.ServiceAccountName);
        var binding = await _storage.GetAsync<V1RoleBinding>(pod.ServiceAccountName);
        Assert.Equal(("Role", pod.ServiceAccountName), (binding.RoleRef.Kind, binding.RoleRef.Name));
        var role = await _storage.GetAsync<V1Role>(pod.ServiceAccountName);
        Assert.All(role.Rules, rule => Assert.Equal(["storage"], rule.ResourceNames));

        await EndMaintenanceAsync(
            MaintenanceReport.Write([
                new ActionOutcome(BackupActions.ApplyRetentionPolicy, IsDone: true, "5 snapshots kept, 1 removed."),
                new ActionOutcome(BackupActions.VerifyRepositoryIntegrity, IsDone: true, "The repository is sound."),
                new ActionOutcome(BackupActions.SendRepositoryMetrics, IsDone: true, "Nothing to push."),
            ])
        );
        await _bench.ReconcileSessionAsync();
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Succeeded, session.Status.Phase);
        Assert.Equal(
            "5 snapshots kept, 1 removed.",
            session.Status.Conditions.Find(ConditionTypes.RetentionPolicyApplied)?.Message
        );
        Assert.True(session.Status.Conditions.IsTrue(ConditionTypes.RepositoryIntegrityVerified));
        await _storage.WaitUntilGoneAsync(MaintenanceJob);
    }

    [Theory]
    [InlineData("not a report", "without a report of ApplyRetentionPolicy")]
    [InlineData("""{"actions":[{"name":"ApplyRetentionPolicy","done":false,"message":"disk full"}]}""", "disk full")]
    public async Task What_fails_there_fails_the_session_with_its_words(string words, string expected)
    {
        await BackUpAsync();
        await _bench.ReconcileSessionAsync();

        await EndMaintenanceAsync(words);
        await _bench.ReconcileSessionAsync();
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        var condition = session.Status.Conditions.Find(ConditionTypes.RetentionPolicyApplied);
        Assert.Equal("False", condition?.Status);
        Assert.Contains(expected, condition!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_that_closes_in_between_fails_the_session_and_makes_no_Job()
    {
        await BackUpAsync();
        await _storage.AllowAsync(NamespacesFrom.Same);

        await _bench.ReconcileSessionAsync();
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        Assert.Null(await _storage.FindAsync<V1Job>(MaintenanceJob));
        Assert.Contains(
            "usagePolicy",
            session.Status.Conditions.Find(ConditionTypes.RetentionPolicyApplied)?.Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>What the tenant's Job does: it reports its host, and nothing of the repository.</summary>
    private async Task BackUpAsync()
    {
        var session = await _bench.GetAsync<BackupSession>("pg-backup-1");
        session
            .Status.Targets[0]
            .Stats.Add(
                new HostBackupStats
                {
                    Hostname = "host-0",
                    Phase = HostPhase.Succeeded,
                    Duration = "1s",
                }
            );
        await _bench.Client.UpdateStatusAsync(session);
        await _bench.EndJobAsync(BackupJob, succeeded: true);
    }

    private Task EndMaintenanceAsync(string words) =>
        _storage.EndJobAsync(
            MaintenanceJob,
            succeeded: true,
            new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = "maintenance" },
                Status = new V1PodStatus
                {
                    Phase = "Succeeded",
                    ContainerStatuses =
                    [
                        new V1ContainerStatus
                        {
                            Name = "maintain-repository",
                            Image = "i",
                            ImageID = "i",
                            State = new V1ContainerState
                            {
                                Terminated = new V1ContainerStateTerminated { ExitCode = 0, Message = words },
                            },
                        },
                    ],
                },
            }
        );
}
