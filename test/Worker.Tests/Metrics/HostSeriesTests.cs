using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Names;
using Granary.Metrics;
using Granary.TestSupport.Servers;
using Granary.Worker.Metrics;
using Granary.Worker.Reporting;
using Granary.Worker.Tests.Support;

namespace Granary.Worker.Tests.Metrics;

public sealed class HostSeriesTests
{
    private static readonly MetricLabels Labels = new(
        "BackupConfiguration",
        "nightly",
        "demo",
        "Restic",
        "repo",
        [new("env", "test")]
    );

    [Fact]
    public async Task Every_series_has_both_names_and_the_gateway_takes_them()
    {
        await using var gateway = await PushgatewayServer.StartAsync(
            cancellationToken: TestContext.Current.CancellationToken
        );
        using var http = new HttpClient();
        var series = new Exposition();
        HostSeries.AddBackup(
            series,
            Labels.OfHost(WorkerHarness.Target("db"), Binding("kubedb.com/postgres"), "host \"0\"\n\\"),
            new HostOutput
            {
                Phase = HostPhase.Succeeded,
                Duration = "1m2.5s",
                Snapshots =
                [
                    new SnapshotOutput
                    {
                        TotalBytes = 100,
                        UploadedBytes = 10,
                        ProcessingSeconds = 1.5,
                        FileStats = new() { TotalFiles = 1, NewFiles = 1 },
                    },
                ],
            }
        );
        HostSeries.AddRepository(
            series,
            Labels.OfRepository("storage", new("s3", "bucket", "prefix")),
            new RepositoryFacts(true, 1000, 3, 2)
        );

        Assert.Null(
            await new Pushgateway(http, gateway.Url, TimeSpan.FromSeconds(30)).PushAsync(
                new MetricGroup("BackupConfiguration", "demo", "nightly"),
                series,
                TestContext.Current.CancellationToken
            )
        );

        var text = await series.ToTextAsync(TestContext.Current.CancellationToken);
        foreach (
            var (name, value) in new[]
            {
                ("stash_backup_host_backup_success", "1"),
                ("stash_appscode_com_backupsession_host_backup_success", "1"),
                ("stash_backup_host_backup_duration_seconds", "62.5"),
                ("stash_backup_host_data_size_bytes", "100"),
                ("stash_backup_host_data_uploaded_bytes", "10"),
                ("stash_backup_host_data_processing_time_seconds", "1.5"),
                ("stash_backup_host_files_total", "1"),
                ("stash_backup_host_files_new", "1"),
                ("stash_backup_host_files_modified", "0"),
                ("stash_appscode_com_backupsession_host_files_unmodified", "0"),
                ("stash_repository_integrity", "1"),
                ("stash_repository_size_bytes", "1000"),
                ("stash_repository_snapshot_count", "3"),
                ("stash_appscode_com_repository_snapshot_cleaned", "2"),
            }
        )
        {
            Assert.Matches($"(?m)^# TYPE {name} gauge\n{name}\\{{.*\\}} {value}$", text);
        }

        var scraped = await gateway.MetricsAsync(TestContext.Current.CancellationToken);
        Assert.Contains(
            "env=\"test\",group=\"kubedb.com\",hostname=\"host \\\"0\\\"\\n\\\\\"",
            scraped,
            StringComparison.Ordinal
        );
        Assert.Contains("backend=\"s3\",bucket=\"bucket\"", scraped, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_only_clears_the_success()
    {
        var series = new Exposition();

        HostSeries.AddBackup(series, Labels.Base(), new HostOutput { Phase = HostPhase.Failed });

        var text = await series.ToTextAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, text.Split('\n').Count(line => line.EndsWith(" 0", StringComparison.Ordinal)));
    }

    private static AppBinding Binding(string type) => new() { Spec = new AppBindingSpec { Type = type } };
}
