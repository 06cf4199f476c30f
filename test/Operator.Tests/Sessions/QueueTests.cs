using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Tests.Support;
using k8s.Models;

namespace Granary.Operator.Tests.Sessions;

/// <summary>Who holds up whom, and for how long.</summary>
[Collection(ClusterCollection.Name)]
public sealed class QueueTests(TestCluster cluster) : IAsyncLifetime
{
    private Bench _bench = null!; // Set before each test.

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(cluster);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_session_of_nobody_with_anothers_labels_holds_up_nobody_and_fails()
    {
        await using var attacker = await Bench.StartAsync(cluster);
        await PretendToRunAsync(attacker, Blocker("does-not-exist"));
        await _bench.ReadyAsync();

        Assert.Equal(SessionPhase.Running, (await _bench.ReconcileSessionAsync()).Status.Phase);

        var waiting = await attacker.ReconcileSessionAsync("blocker");
        Assert.Equal(SessionPhase.Pending, waiting.Status.Phase);
        Assert.Contains("does-not-exist", ReadyMessage(waiting), StringComparison.Ordinal);
        cluster.Clock.Advance(TimeSpan.FromMinutes(3));
        var failed = await attacker.ReconcileSessionAsync("blocker");
        Assert.Equal(SessionPhase.Failed, failed.Status.Phase);
        Assert.True(failed.Status.Conditions.IsFalse(ConditionTypes.InvokerFound));
        Assert.Contains("BackupConfiguration does-not-exist", ReadyMessage(failed), StringComparison.Ordinal);
        Assert.Contains(attacker.Events, one => one.Reason == SessionPhase.Failed);
    }

    [Fact]
    public async Task Labels_do_not_make_a_session_a_rival_when_its_invoker_backs_up_something_else()
    {
        await using var attacker = await Bench.StartAsync(cluster);
        await attacker.PrepareAsync();
        await attacker.CreateAsync(Make.Configuration());
        await attacker.ReconcileConfigurationAsync();
        await PretendToRunAsync(attacker, Blocker("pg-backup"));
        await _bench.ReadyAsync();

        Assert.Equal(SessionPhase.Running, (await _bench.ReconcileSessionAsync()).Status.Phase);
    }

    [Fact]
    public async Task Labels_do_not_put_a_session_into_anothers_history()
    {
        await _bench.ReadyAsync();
        var forged = Blocker("someone-else");
        forged.Metadata.Name = "forged";
        forged.Metadata.Labels[Labels.InvokerType] = Kinds.BackupConfiguration;
        forged.Metadata.Labels[Labels.InvokerName] = "pg-backup";
        forged = await _bench.CreateAsync(forged);
        forged.Status.Phase = SessionPhase.Succeeded;
        await _bench.Client.UpdateStatusAsync(forged);

        await _bench.ReconcileSessionAsync();
        await _bench.ReportAsync();
        await _bench.EndJobAsync("stash-backup-pg-backup-1-0", succeeded: true);
        await _bench.ReconcileSessionAsync();

        Assert.NotNull(await _bench.FindAsync<BackupSession>("forged"));
    }

    [Fact]
    public async Task The_end_of_a_session_wakes_the_next_in_line()
    {
        await _bench.ReadyAsync();
        await _bench.ReconcileSessionAsync();
        var nightly = Make.Configuration();
        nightly.Metadata.Name = "nightly";
        await _bench.CreateAsync(nightly);
        await _bench.ReconcileConfigurationAsync("nightly");
        await _bench.CreateAsync(Make.Session("nightly-1", "nightly"));
        var waiting = await _bench.ReconcileSessionAsync("nightly-1");
        Assert.Equal(SessionPhase.Pending, waiting.Status.Phase);
        Assert.Equal($"BackupSession {_bench.Namespace}/pg-backup-1 goes first", ReadyMessage(waiting));
        Assert.Empty(_bench.Woken);

        await _bench.ReportAsync();
        await _bench.EndJobAsync("stash-backup-pg-backup-1-0", succeeded: true);
        await _bench.ReconcileSessionAsync();

        Assert.Equal(["nightly-1"], _bench.Woken);
        Assert.Equal(SessionPhase.Running, (await _bench.ReconcileSessionAsync("nightly-1")).Status.Phase);
    }

    [Fact]
    public async Task A_Pod_that_may_not_be_created_fails_the_session_in_the_words_of_the_refusal()
    {
        const string refusal = "Error creating: pods is forbidden: exceeded quota: tight";
        await _bench.ReadyAsync();
        await _bench.ReconcileSessionAsync();
        await _bench.RefusePodsAsync(await _bench.GetAsync<V1Job>("stash-backup-pg-backup-1-0"), refusal);

        Assert.Contains(refusal, ReadyMessage(await _bench.ReconcileSessionAsync()), StringComparison.Ordinal);

        cluster.Clock.Advance(TimeSpan.FromMinutes(6));
        await _bench.ReconcileSessionAsync();
        await _bench.WaitUntilGoneAsync("stash-backup-pg-backup-1-0");
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        Assert.Contains(refusal, session.Status.Targets[0].Stats[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_not_ready_is_named_while_the_session_runs()
    {
        var name = $"node-{_bench.Namespace}";
        await _bench.ReadyAsync();
        await _bench.ReconcileSessionAsync();
        var node = await _bench.Client.CreateAsync(new V1Node { Metadata = new V1ObjectMeta { Name = name } });
        node.Status = new V1NodeStatus
        {
            Conditions =
            [
                new V1NodeCondition
                {
                    Type = "Ready",
                    Status = "Unknown",
                    LastTransitionTime = cluster.Clock.GetUtcNow().UtcDateTime,
                    Message = "Kubelet stopped posting node status.",
                },
            ],
        };
        await _bench.Client.UpdateStatusAsync(node);
        await _bench.CreateAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = "p",
                    Labels = new Dictionary<string, string>
                    {
                        ["batch.kubernetes.io/job-name"] = "stash-backup-pg-backup-1-0",
                    },
                },
                Spec = new V1PodSpec { NodeName = name, Containers = [new V1Container { Name = "c", Image = "i" }] },
            }
        );

        var running = await _bench.ReconcileSessionAsync();
        Assert.Equal(SessionPhase.Running, running.Status.Phase);
        Assert.Contains($"node {name} of Pod p is NotReady since", ReadyMessage(running), StringComparison.Ordinal);

        cluster.Clock.Advance(TimeSpan.FromMinutes(11));
        await _bench.ReconcileSessionAsync();
        await _bench.WaitUntilGoneAsync("stash-backup-pg-backup-1-0");
        var session = await _bench.ReconcileSessionAsync();

        Assert.Equal(SessionPhase.Failed, session.Status.Phase);
        Assert.Contains($"node {name}", session.Status.Targets[0].Stats[0].Error, StringComparison.Ordinal);
    }

    private BackupSession Blocker(string invoker)
    {
        var session = Make.Session("blocker", invoker);
        session.Metadata.Labels = new Dictionary<string, string>
        {
            [Labels.TargetKind] = "AppBinding",
            [Labels.TargetName] = "sample-postgres",
            [Labels.TargetNamespace] = _bench.Namespace,
        };
        return session;
    }

    /// <summary>A running rival is waited for whatever its age, so only what it may do decides.</summary>
    private static async Task PretendToRunAsync(Bench bench, BackupSession session)
    {
        var stored = await bench.CreateAsync(session);
        stored.Status.Phase = SessionPhase.Running;
        await bench.Client.UpdateStatusAsync(stored);
    }

    private static string ReadyMessage(BackupSession session) =>
        session.Status.Conditions.Find(ConditionTypes.Ready)?.Message ?? "";
}
