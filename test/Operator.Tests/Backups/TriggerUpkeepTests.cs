using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
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

    [Fact]
    public async Task A_CronJob_of_that_name_that_belongs_to_something_else_is_left_alone()
    {
        await _bench.PrepareAsync();
        await _bench.CreateAsync(
            new V1CronJob
            {
                Metadata = new V1ObjectMeta { Name = "stash-trigger-pg-backup" },
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
            }
        );
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
    private async Task<V1PodSpec> PodAsync() =>
        (await _bench.GetAsync<V1CronJob>("stash-trigger-pg-backup")).Spec.JobTemplate.Spec.Template.Spec;
}
