using System.Text;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Operator.Cluster;
using Granary.Operator.Tests.Support;
using k8s.Models;

namespace Granary.Operator.Tests.Backups;

/// <summary>The trigger CronJob is what its configuration says, whatever happens to it.</summary>
[Collection(ClusterCollection.Name)]
public sealed class TriggerUpkeepTests(TestCluster cluster) : IAsyncLifetime
{
    private Bench _bench = null!; // Set before each test.

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync(cluster);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Schedule_and_pause_reach_the_CronJob()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());
        await _bench.ReconcileConfigurationAsync();

        var changed = await _bench.GetAsync<BackupConfiguration>("pg-backup");
        changed.Spec.Schedule = "0 3 * * *";
        changed.Spec.Paused = true;
        await _bench.Client.UpdateAsync(changed);
        await _bench.ReconcileConfigurationAsync();

        var cronJob = await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup");
        Assert.Equal(("0 3 * * *", true), (cronJob.Spec.Schedule, cronJob.Spec.Suspend));
    }

    [Fact]
    public async Task A_setting_that_was_taken_out_leaves_the_CronJob_too()
    {
        await _bench.PrepareAsync();
        var configuration = Make.Configuration();
        configuration.Spec.RuntimeSettings = new RuntimeSettings
        {
            Pod = new PodRuntimeSettings { NodeSelector = new() { ["disk"] = "ssd" } },
        };
        await _bench.CreateAsync(configuration);
        await _bench.ReconcileConfigurationAsync();
        Assert.Equal("ssd", (await PodAsync()).NodeSelector["disk"]);

        var changed = await _bench.GetAsync<BackupConfiguration>("pg-backup");
        changed.Spec.RuntimeSettings = null;
        await _bench.Client.UpdateAsync(changed);
        await _bench.ReconcileConfigurationAsync();

        Assert.Null((await PodAsync()).NodeSelector);
    }

    [Fact]
    public async Task A_CronJob_that_someone_edited_or_deleted_is_brought_back()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());
        await _bench.ReconcileConfigurationAsync();

        var edited = await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup");
        edited.Spec.Schedule = "0 0 1 1 *";
        edited.Metadata.Labels["theirs"] = "stays";
        await _bench.Client.UpdateAsync(edited);
        await _bench.ReconcileConfigurationAsync();
        var repaired = await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup");
        Assert.Equal(("*/5 * * * *", "stays"), (repaired.Spec.Schedule, repaired.Metadata.Labels["theirs"]));

        await _bench.Client.DeleteAsync<V1CronJob>("stash-trigger-pg-backup", _bench.Namespace);
        await _bench.ReconcileConfigurationAsync();
        Assert.NotNull(await _bench.FindAsync<V1CronJob>("stash-trigger-pg-backup"));
    }

    // Two of one configuration would make two sessions at each slot.
    [Fact]
    public async Task A_CronJob_of_its_own_under_a_former_name_goes_and_one_of_another_stays()
    {
        var name = $"pg.{new string('x', 60)}";
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration(name));
        var configuration = await _bench.GetAsync<BackupConfiguration>(name);
        var former = ObjectNames.FormerTriggerCronJobs(name, _bench.Namespace, CurrentName(name));
        await _bench.CreateAsync(CronJob(former[0], Ownership.ControlledBy(configuration)));
        await _bench.CreateAsync(CronJob(former[1], null));

        await _bench.ReconcileAsync(configuration);

        Assert.NotNull(await _bench.FindAsync<V1CronJob>(CurrentName(name)));
        Assert.Null(await _bench.FindAsync<V1CronJob>(former[0]));
        Assert.NotNull(await _bench.FindAsync<V1CronJob>(former[1]));
    }

    private string CurrentName(string configuration) => ObjectNames.TriggerCronJob(configuration, _bench.Namespace);

    private V1CronJob CronJob(string name, V1OwnerReference? owner) =>
        new()
        {
            ApiVersion = "batch/v1",
            Kind = "CronJob",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = _bench.Namespace,
                OwnerReferences = owner is null ? null : [owner],
            },
            Spec = new V1CronJobSpec
            {
                Schedule = "0 0 1 1 *",
                JobTemplate = new V1JobTemplateSpec
                {
                    Spec = new V1JobSpec
                    {
                        Template = new V1PodTemplateSpec
                        {
                            Spec = new V1PodSpec
                            {
                                RestartPolicy = "Never",
                                Containers = [new V1Container { Name = "c", Image = "i" }],
                            },
                        },
                    },
                },
            },
        };

    [Fact]
    public async Task A_CronJob_of_that_name_that_belongs_to_something_else_is_left_alone()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(CronJob("stash-trigger-pg-backup", owner: null));
        await _bench.CreateAsync(Make.Configuration());

        await _bench.ReconcileConfigurationAsync();

        var stored = await _bench.GetAsync<BackupConfiguration>("pg-backup");
        Assert.Equal(InvokerPhase.NotReady, stored.Status.Phase);
        Assert.Contains(
            "exists already",
            stored.Status.Conditions.Find(ConditionTypes.CronJobCreated)!.Message,
            StringComparison.Ordinal
        );
        Assert.Equal("0 0 1 1 *", (await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup")).Spec.Schedule);
        Assert.Contains(_bench.Events, one => one.Reason == "CronJob Creation Failed");
    }

    // GitOps applies in any order: each missing thing is named, and nothing but its appearance is needed to go on.
    [Fact]
    public async Task A_trigger_that_fails_for_good_shows_on_the_configuration_until_one_works()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());
        await _bench.ReconcileConfigurationAsync();
        await TriggerAsync("t-1");
        await _bench.ReconcileConfigurationAsync();
        Assert.Null(await ConditionAsync(ConditionTypes.BackupTriggered));

        await _bench.EndJobAsync("t-1", succeeded: false, Ended(3, "no such ServiceAccount"));
        await _bench.ReconcileConfigurationAsync();

        var failed = await ConditionAsync(ConditionTypes.BackupTriggered);
        Assert.Equal(("False", "TriggerJobFailed"), (failed?.Status, failed?.Reason));
        Assert.Contains("no such ServiceAccount", failed?.Message, StringComparison.Ordinal);
        var ready = await ConditionAsync(ConditionTypes.Ready);
        Assert.Equal("False", ready?.Status);
        Assert.Contains("no such ServiceAccount", ready?.Message, StringComparison.Ordinal);
        Assert.Contains(_bench.Events, one => one.Reason == "TriggerJobFailed");
        Assert.Equal(1, await MetricAsync());
        // What keeps the schedule from making sessions does not stop those that somebody makes by hand.
        Assert.Equal(InvokerPhase.Ready, (await _bench.GetAsync<BackupConfiguration>("pg-backup")).Status.Phase);

        await _bench.CreateAsync(Make.Session());
        await _bench.ReconcileSessionAsync();
        await _bench.ReconcileConfigurationAsync();

        Assert.Equal("True", (await ConditionAsync(ConditionTypes.BackupTriggered))?.Status);
        Assert.Equal("True", (await ConditionAsync(ConditionTypes.Ready))?.Status);
        Assert.Equal(0, await MetricAsync());
    }

    [Fact]
    public async Task A_trigger_whose_Pod_is_refused_shows_after_the_patience_with_start_up()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(Make.Configuration());
        await _bench.ReconcileConfigurationAsync();
        var job = await TriggerAsync("t-1");
        await _bench.RefusePodsAsync(job, "Error creating: serviceaccount not found");
        await _bench.ReconcileConfigurationAsync();
        Assert.Null(await ConditionAsync(ConditionTypes.BackupTriggered));

        cluster.Clock.Advance(TimeSpan.FromMinutes(6));
        await _bench.ReconcileAsync<V1Job>("t-1");
        await _bench.ReconcileConfigurationAsync();

        Assert.Contains("pg-backup", _bench.Woken);
        Assert.Contains(
            "serviceaccount not found",
            (await ConditionAsync(ConditionTypes.BackupTriggered))?.Message,
            StringComparison.Ordinal
        );
    }

    private async Task<Condition?> ConditionAsync(string type) =>
        (await _bench.GetAsync<BackupConfiguration>("pg-backup")).Status.Conditions.Find(type);

    private async Task<double> MetricAsync()
    {
        using var text = new MemoryStream();
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(text);
        var start = $"granary_backup_trigger_failing{{namespace=\"{_bench.Namespace}\",invoker_name=\"pg-backup\"}} ";
        var line = Encoding
            .UTF8.GetString(text.ToArray())
            .Split('\n')
            .Single(line => line.StartsWith(start, StringComparison.Ordinal));
        return double.Parse(line[start.Length..]);
    }

    /// <summary>What the CronJob controller makes at a slot.</summary>
    private async Task<V1Job> TriggerAsync(string name)
    {
        var cronJob = await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup");
        return await _bench.CreateAsync(
            new V1Job
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Labels = cronJob.Spec.JobTemplate.Metadata.Labels,
                    OwnerReferences =
                    [
                        new V1OwnerReference
                        {
                            ApiVersion = "batch/v1",
                            Kind = "CronJob",
                            Name = cronJob.Metadata.Name,
                            Uid = cronJob.Metadata.Uid,
                            Controller = true,
                        },
                    ],
                },
                Spec = cronJob.Spec.JobTemplate.Spec,
            }
        );
    }

    private static V1Pod Ended(int exitCode, string words) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = "trigger-pod" },
            Status = new V1PodStatus
            {
                Phase = "Failed",
                ContainerStatuses =
                [
                    new V1ContainerStatus
                    {
                        Name = "stash-trigger",
                        Image = "i",
                        ImageID = "i",
                        State = new V1ContainerState
                        {
                            Terminated = new V1ContainerStateTerminated { ExitCode = exitCode, Message = words },
                        },
                    },
                ],
            },
        };

    private async Task<V1PodSpec> PodAsync() =>
        (await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup")).Spec.JobTemplate.Spec.Template.Spec;
}
