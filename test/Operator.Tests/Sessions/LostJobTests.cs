using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using k8s;
using k8s.Models;

namespace Granary.Operator.Tests.Sessions;

/// <summary>Jobs that end without a word of their own, and those that are ended.</summary>
[Collection(ClusterCollection.Name)]
public sealed class LostJobTests(TestCluster cluster) : IAsyncLifetime
{
    private const string Job = "stash-backup-pg-backup-1-0";

    private Bench _bench = null!; // Set before each test.

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(cluster);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_killed_Job_fails_the_session_with_the_Pods_reason_everywhere_a_person_looks()
    {
        await _bench.ReadyAsync();
        await _bench.ReconcileSessionAsync();
        await _bench.EndJobAsync(Job, succeeded: false, OomKilled());

        await _bench.ReconcileSessionAsync();
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        var target = session.Status.Targets[0];
        Assert.Contains(
            "OOMKilled",
            target.Conditions.Find(ConditionTypes.BackupDisrupted)!.Message,
            StringComparison.Ordinal
        );
        var host = Assert.Single(target.Stats);
        Assert.Equal(("host-0", HostPhase.Failed), (host.Hostname, host.Phase));
        Assert.Contains("OOMKilled", host.Error, StringComparison.Ordinal);
        Assert.Contains(
            "OOMKilled",
            session.Status.Conditions.Find(ConditionTypes.Ready)!.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(_bench.Events, one =>
            one.Reason == "BackupDisrupted" && one.Message.Contains("OOMKilled", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_report_that_crosses_the_end_of_the_Job_is_not_overwritten()
    {
        await _bench.ReadyAsync();
        var stale = await _bench.ReconcileSessionAsync();
        await _bench.ReportAsync();
        await _bench.EndJobAsync(Job, succeeded: true);

        // The reconcile was given the session as it was before the report; it sees a Job that has ended.
        var result = await _bench.ReconcileAsync(stale);

        Assert.NotNull(result.RequeueAfter);
        var session = await _bench.GetAsync<BackupSession>("pg-backup-1");
        Assert.False(session.Status.Targets[0].Conditions.Has(ConditionTypes.BackupDisrupted));
        Assert.Equal(SessionPhase.Succeeded, (await _bench.ReconcileSessionAsync()).Status.Phase);
    }

    [Fact]
    public async Task A_deleted_Job_fails_the_session()
    {
        await _bench.ReadyAsync();
        await _bench.ReconcileSessionAsync();
        await _bench.Client.ApiClient.BatchV1.DeleteNamespacedJobAsync(
            Job,
            _bench.Namespace,
            propagationPolicy: "Background"
        );
        await _bench.WaitUntilGoneAsync(Job);

        await _bench.ReconcileSessionAsync();
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        Assert.Contains("was deleted", session.Status.Targets[0].Stats[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_its_deadline_the_Job_is_stopped_and_the_session_fails()
    {
        await _bench.ReadyAsync(configuration => configuration.Spec.TimeOut = "10m");
        var running = await _bench.ReconcileSessionAsync();
        Assert.NotNull(running.Status.SessionDeadline);

        cluster.Clock.Advance(TimeSpan.FromMinutes(10));
        await _bench.ReconcileSessionAsync();
        await _bench.WaitUntilGoneAsync(Job);
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        Assert.True(session.Status.Conditions.IsTrue(ConditionTypes.DeadlineExceeded));
        // The creation time is the API server's, whose clock is not the one that was moved.
        Assert.Contains(session.Status.SessionDuration, (string[])["10m0s", "10m1s", "10m2s"]);
        Assert.Contains(
            "timeOut of 10m",
            session.Status.Conditions.Find(ConditionTypes.Ready)!.Message,
            StringComparison.Ordinal
        );
    }

    private static V1Pod OomKilled() =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = $"{Job}-abcde" },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "postgres-backup-17-2-0", Image = "i" }] },
            Status = new V1PodStatus
            {
                Phase = "Failed",
                ContainerStatuses =
                [
                    new V1ContainerStatus
                    {
                        Name = "postgres-backup-17-2-0",
                        Image = "i",
                        ImageID = "i",
                        State = new V1ContainerState
                        {
                            Terminated = new V1ContainerStateTerminated { ExitCode = 137, Reason = "OOMKilled" },
                        },
                    },
                ],
            },
        };
}
