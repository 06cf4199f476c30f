using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Metrics;
using Granary.Operator.Tests.Support;
using Granary.TestSupport;
using Granary.TestSupport.Servers;

namespace Granary.Operator.Tests.Monitoring;

[Collection(ClusterCollection.Name)]
public sealed class PushgatewayTests(TestCluster cluster)
{
    [Fact]
    public async Task A_push_adds_to_what_the_worker_pushed_before()
    {
        await using var gateway = await PushgatewayServer.StartAsync(
            cancellationToken: TestContext.Current.CancellationToken
        );
        using var http = new HttpClient();
        var pushgateway = new Pushgateway(http, gateway.Url + "/", TimeSpan.FromSeconds(10));
        var (worker, own) = (new Exposition(), new Exposition());
        worker.Add(PushedMetrics.BackupHostSuccess, new Dictionary<string, string> { ["hostname"] = "host-0" }, true);
        own.Add(PushedMetrics.BackupSessionSuccess, new Dictionary<string, string> { ["invoker_name"] = "pg" }, true);

        Assert.Null(
            await pushgateway.PushAsync("backupconfiguration-demo-pg", worker, TestContext.Current.CancellationToken)
        );
        Assert.Null(
            await pushgateway.PushAsync("backupconfiguration-demo-pg", own, TestContext.Current.CancellationToken)
        );

        var metrics = await gateway.MetricsAsync(TestContext.Current.CancellationToken);
        Assert.Contains(
            """stash_backup_host_backup_success{hostname="host-0",instance="",job="backupconfiguration-demo-pg"} 1""",
            metrics,
            StringComparison.Ordinal
        );
        Assert.Contains(
            """stash_backup_session_success{instance="",invoker_name="pg",job="backupconfiguration-demo-pg"} 1""",
            metrics,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_finished_session_pushes_its_metrics()
    {
        await using var gateway = await PushgatewayServer.StartAsync(
            cancellationToken: TestContext.Current.CancellationToken
        );

        var session = await RunAsync(Make.Options with { PushgatewayUrl = gateway.Url });

        Assert.True(session.Status.Conditions.IsTrue(ConditionTypes.MetricsPushed));
        var metrics = await gateway.MetricsAsync(TestContext.Current.CancellationToken);
        Assert.Contains("stash_backup_session_success{", metrics, StringComparison.Ordinal);
        Assert.Contains("stash_appscode_com_backupsession_target_success{", metrics, StringComparison.Ordinal);
    }

    // D6: what is stored and proven stays a success, unless the administrator wants it otherwise.
    [Theory]
    [InlineData(false, SessionPhase.Succeeded)]
    [InlineData(true, SessionPhase.Failed)]
    public async Task A_gateway_out_of_reach_is_a_condition_and_a_failure_only_on_request(
        bool failOnMetricsError,
        string phase
    )
    {
        var options = Make.Options with
        {
            PushgatewayUrl = $"http://127.0.0.1:{FreePort.Next()}",
            FailOnMetricsError = failOnMetricsError,
        };

        var session = await RunAsync(options);

        Assert.Equal(phase, session.Status.Phase);
        var condition = session.Status.Conditions.Find(ConditionTypes.MetricsPushed)!;
        Assert.Equal(("False", "FailedToPushMetrics"), (condition.Status, condition.Reason));
        Assert.Contains("cannot be reached", condition.Message, StringComparison.Ordinal);
    }

    private async Task<BackupSession> RunAsync(OperatorOptions options)
    {
        await using var bench = await Bench.StartAsync(cluster, options);
        await bench.PrepareAsync();
        await bench.CreateAsync(Make.Configuration());
        await bench.ReconcileConfigurationAsync();
        await bench.CreateAsync(Make.Session());
        await bench.ReconcileSessionAsync();
        await bench.ReportAsync();
        await bench.EndJobAsync("stash-backup-pg-backup-1-0", succeeded: true);
        return await bench.ReconcileSessionAsync();
    }
}
