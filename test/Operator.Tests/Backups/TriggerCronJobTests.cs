using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Backups;
using Granary.Operator.Invokers;
using Granary.Operator.Tests.Support;

namespace Granary.Operator.Tests.Backups;

public sealed class TriggerCronJobTests
{
    [Fact]
    public void Shape_of_the_CronJob()
    {
        var cronJob = TriggerCronJob.Build(
            BackupInvoker.Of(Make.Configuration()),
            "stash-trigger-pg-backup",
            Make.Options
        );

        Assert.Equal("stash-trigger-pg-backup", cronJob.Metadata.Name);
        Assert.Equal(("*/5 * * * *", false), (cronJob.Spec.Schedule, cronJob.Spec.Suspend));
        Assert.Equal("BackupConfiguration", Assert.Single(cronJob.Metadata.OwnerReferences).Kind);
        Assert.Equal("true", cronJob.Spec.JobTemplate.Metadata.Labels[Labels.DeleteJobOnCompletion]);
        Assert.DoesNotContain(Labels.DeleteJobOnCompletion, cronJob.Metadata.Labels);
        var pod = cronJob.Spec.JobTemplate.Spec.Template.Spec;
        Assert.Equal(("Never", "stash-trigger-pg-backup"), (pod.RestartPolicy, pod.ServiceAccountName));
        var container = Assert.Single(pod.Containers);
        Assert.Equal(("stash-trigger", Make.Options.WorkerImage), (container.Name, container.Image));
        Assert.Equal(
            ["create-backupsession", "--invoker-name=pg-backup", "--invoker-kind=BackupConfiguration"],
            container.Args
        );
    }

    [Fact]
    public void Triggers_that_cannot_start_do_not_pile_up()
    {
        var spec = TriggerCronJob.Build(BackupInvoker.Of(Make.Configuration()), "a", Make.Options).Spec;

        Assert.Equal("Forbid", spec.ConcurrencyPolicy);
        Assert.Equal(6 * 60 * 60, spec.StartingDeadlineSeconds);
        Assert.Equal((600, 2), (spec.JobTemplate.Spec.ActiveDeadlineSeconds, spec.JobTemplate.Spec.BackoffLimit));
    }

    [Fact]
    public void Pausing_suspends()
    {
        var configuration = Make.Configuration();
        configuration.Spec.Paused = true;

        Assert.True(TriggerCronJob.Build(BackupInvoker.Of(configuration), "a", Make.Options).Spec.Suspend);
    }

    [Fact]
    public void A_target_in_another_namespace_changes_the_name()
    {
        var configuration = Make.Configuration();
        configuration.Spec.Target!.Ref!.Namespace = "other";

        var name = TriggerCronJob.NameFor(BackupInvoker.Of(configuration));
        Assert.Matches("^stash-trigger-demo-pg-backup-[0-9a-f]{16}$", name);
    }

    [Fact]
    public void Labels_by_which_GitOps_tools_track_their_own_objects_are_not_copied()
    {
        var configuration = Make.Configuration();
        configuration.Metadata.Labels = new Dictionary<string, string>
        {
            ["team"] = "db",
            ["app.kubernetes.io/instance"] = "argo-app",
            ["argocd.argoproj.io/instance"] = "argo-app",
            ["kustomize.toolkit.fluxcd.io/name"] = "apps",
            ["helm.toolkit.fluxcd.io/name"] = "release",
            ["helm.sh/chart"] = "mine-1.0",
        };

        var labels = TriggerCronJob.Build(BackupInvoker.Of(configuration), "a", Make.Options).Metadata.Labels;

        Assert.Equal(["app.kubernetes.io/component", "app.kubernetes.io/managed-by", "team"], labels.Keys.Order());
    }

    [Fact]
    public void Only_some_container_settings_reach_the_trigger()
    {
        var configuration = Make.Configuration();
        configuration.Spec.RuntimeSettings = new RuntimeSettings
        {
            Container = new ContainerRuntimeSettings
            {
                Nice = new NiceSettings { Adjustment = 5 },
                Env = [new k8s.Models.V1EnvVar { Name = "A", Value = "b" }],
                LivenessProbe = new k8s.Models.V1Probe(),
            },
        };

        var pod = TriggerCronJob
            .Build(BackupInvoker.Of(configuration), "a", Make.Options)
            .Spec.JobTemplate.Spec.Template.Spec;

        var names = pod.Containers[0].Env.Select(one => one.Name).ToList();
        Assert.Contains("A", names);
        Assert.DoesNotContain("NICE_ADJUSTMENT", names);
        Assert.Null(pod.Containers[0].LivenessProbe);
    }
}
