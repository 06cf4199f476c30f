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
        var group = new MetricGroup("BackupConfiguration", "demo", "pg");
        var (worker, own) = (new Exposition(), new Exposition());
        worker.Add(PushedMetrics.BackupHostSuccess, new Dictionary<string, string> { ["hostname"] = "host-0" }, true);
        own.Add(PushedMetrics.BackupSessionSuccess, new Dictionary<string, string> { ["invoker_name"] = "pg" }, true);

        Assert.Null(await pushgateway.PushAsync(group, worker, TestContext.Current.CancellationToken));
        Assert.Null(await pushgateway.PushAsync(group, own, TestContext.Current.CancellationToken));

        var metrics = await gateway.MetricsAsync(TestContext.Current.CancellationToken);
        Assert.Contains(
            """stash_backup_host_backup_success{hostname="host-0",instance="",""" + Group,
            metrics,
            StringComparison.Ordinal
        );
        Assert.Contains("""stash_backup_session_success{instance="",""" + Group, metrics, StringComparison.Ordinal);
    }

    // Both have the job backupconfiguration-team-b-b-backup.
    [Fact]
    public async Task Two_invokers_whose_names_join_to_one_job_keep_their_series()
    {
        await using var gateway = await PushgatewayServer.StartAsync(
            cancellationToken: TestContext.Current.CancellationToken
        );
        using var http = new HttpClient();
        var pushgateway = new Pushgateway(http, gateway.Url, TimeSpan.FromSeconds(10));

        foreach (var (@namespace, name) in new[] { ("team", "b-b-backup"), ("team-b", "b-backup") })
        {
            var series = new Exposition();
            var labels = new Dictionary<string, string> { ["invoker_name"] = name, ["namespace"] = @namespace };
            series.Add(PushedMetrics.BackupSessionSuccess, labels, true);
            var group = new MetricGroup("BackupConfiguration", @namespace, name);
            Assert.Null(await pushgateway.PushAsync(group, series, TestContext.Current.CancellationToken));
        }

        var metrics = await gateway.MetricsAsync(TestContext.Current.CancellationToken);
        Assert.Contains("namespace=\"team\"", metrics, StringComparison.Ordinal);
        Assert.Contains("namespace=\"team-b\"", metrics, StringComparison.Ordinal);
    }

    private const string Group = """invoker_name="pg",invoker_namespace="demo",job="backupconfiguration-demo-pg"} 1""";

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
