using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using Granary.TestSupport;
using k8s;
using k8s.Models;

namespace Granary.Operator.Tests.Restores;

[Collection(ClusterCollection.Name)]
public sealed class RestoreSessionControllerTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Job = "stash-restore-pg-restore-0";

    private Bench _bench = null!; // Set before each test.

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(cluster);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_restore_becomes_a_Job_made_from_the_catalog()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Restore("pg-restore", new Rule { Snapshots = ["latest"] }));

        var session = await _bench.ReconcileRestoreAsync();

        Assert.Equal((RestorePhase.Running, 1), (session.Status.Phase, session.Status.TotalHosts));
        Assert.Equal(["stash.appscode.com"], session.Metadata.Finalizers);
        Assert.Equal(
            [
                "RepositoryFound",
                "BackendSecretFound",
                "ValidationPassed",
                "RestoreTargetFound",
                "RestoreExecutorEnsured",
            ],
            session.Status.Conditions.Where(one => one.Status == "True").Select(one => one.Type)
        );
        var pod = (await _bench.GetAsync<V1Job>(Job)).Spec.Template.Spec;
        Assert.Contains("--snapshot=latest", pod.InitContainers[0].Args);
        Assert.Equal("restoresession-pg-restore-0", pod.ServiceAccountName);
        Assert.Equal(
            "stash-restore-job",
            (await _bench.GetAsync<V1RoleBinding>("restoresession-pg-restore-0")).RoleRef.Name
        );
        Assert.Equal(
            "RestoreSession",
            Assert.Single((await _bench.GetAsync<Repository>("storage")).Status.References).Kind
        );
    }

    [Fact]
    public async Task After_the_report_and_the_end_of_the_Job_it_succeeds_and_is_never_run_again()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Restore());
        await _bench.ReconcileRestoreAsync();
        await ReportAsync(HostPhase.Succeeded);
        Assert.Equal(RestorePhase.Running, (await _bench.ReconcileRestoreAsync()).Status.Phase);
        await _bench.EndJobAsync(Job, succeeded: true);

        var session = await _bench.ReconcileRestoreAsync();

        Assert.Equal(RestorePhase.Succeeded, session.Status.Phase);
        Assert.NotNull(session.Status.SessionDuration);
        Assert.True(session.Status.Conditions.IsTrue(ConditionTypes.Ready));
        await _bench.Client.ApiClient.BatchV1.DeleteNamespacedJobAsync(
            Job,
            _bench.Namespace,
            propagationPolicy: "Background"
        );
        Assert.Equal(session.Metadata.ResourceVersion, (await _bench.ReconcileRestoreAsync()).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_failed_restore_says_why()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Restore());
        await _bench.ReconcileRestoreAsync();
        await ReportAsync(HostPhase.Failed, "ERROR: relation \"x\" already exists");
        await _bench.EndJobAsync(Job, succeeded: true);

        var session = await _bench.ReconcileRestoreAsync();

        Assert.Equal(RestorePhase.Failed, session.Status.Phase);
        Assert.Equal(
            "ERROR: relation \"x\" already exists",
            session.Status.Conditions.Find(ConditionTypes.Ready)!.Message
        );
    }

    [Fact]
    public async Task A_killed_Job_fails_the_restore_with_its_reason()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Restore());
        await _bench.ReconcileRestoreAsync();
        await _bench.EndJobAsync(Job, succeeded: false);

        await _bench.ReconcileRestoreAsync();
        var session = await _bench.ReconcileRestoreAsync();

        Assert.Equal(RestorePhase.Failed, session.Status.Phase);
        Assert.Contains("its Pod is gone", Assert.Single(session.Status.Stats).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_waited_for()
    {
        await _bench.CreateAsync(Make.Restore());
        var waiting = await _bench.ReconcileAsync<RestoreSession>("pg-restore");
        Assert.Equal(TimeSpan.FromSeconds(5), waiting.RequeueAfter);
        var session = await _bench.GetAsync<RestoreSession>("pg-restore");
        Assert.Equal(RestorePhase.Pending, session.Status.Phase);
        Assert.True(session.Status.Conditions.IsFalse(ConditionTypes.RepositoryFound));

        await _bench.PrepareAsync();

        Assert.Equal(RestorePhase.Running, (await _bench.ReconcileRestoreAsync()).Status.Phase);
    }

    [Fact]
    public async Task A_breach_of_the_usage_policy_is_Invalid_and_makes_no_Job()
    {
        await using var other = await Bench.StartAsync(cluster);
        await other.PrepareAsync();
        await _bench.PrepareAsync();
        var restore = Make.Restore();
        restore.Spec.Repository!.Namespace = other.Namespace;
        await _bench.CreateAsync(restore);

        var session = await _bench.ReconcileRestoreAsync();

        Assert.Equal(RestorePhase.Invalid, session.Status.Phase);
        Assert.True(session.Status.Conditions.IsFalse(ConditionTypes.ValidationPassed));
        Assert.Null(await _bench.FindAsync<V1Job>(Job));
    }

    [Fact]
    public async Task Rules_of_which_none_is_for_the_target_fail_with_a_clear_error()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Restore("pg-restore", new Rule { TargetHosts = ["other"] }));

        await _bench.ReconcileRestoreAsync();
        var session = await _bench.ReconcileRestoreAsync();

        Assert.Equal(RestorePhase.Failed, session.Status.Phase);
        Assert.Contains(
            "no rule is for host host-0",
            session.Status.Conditions.Find(ConditionTypes.Ready)!.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task At_its_deadline_the_Job_is_stopped()
    {
        await _bench.PrepareAsync();
        var restore = Make.Restore();
        restore.Spec.TimeOut = "5m";
        await _bench.CreateAsync(restore);
        await _bench.ReconcileRestoreAsync();

        cluster.Clock.Advance(TimeSpan.FromMinutes(5));
        await _bench.ReconcileRestoreAsync();
        await TestSupport.Eventually.TrueAsync("the Job to be gone", async () =>
            await _bench.FindAsync<V1Job>(Job) is null or { Metadata.DeletionTimestamp: not null }
        );
        var session = await _bench.ReconcileRestoreAsync();

        Assert.Equal(RestorePhase.Failed, session.Status.Phase);
        Assert.True(session.Status.Conditions.IsTrue(ConditionTypes.DeadlineExceeded));
    }

    private async Task ReportAsync(string phase, string? error = null)
    {
        var session = await _bench.GetAsync<RestoreSession>("pg-restore");
        session.Status.Stats.Add(
            new HostRestoreStats
            {
                Hostname = "host-0",
                Phase = phase,
                Error = error,
            }
        );
        await _bench.Client.UpdateStatusAsync(session);
    }
}
