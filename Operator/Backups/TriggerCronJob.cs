using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using k8s;
using k8s.Models;

namespace Granary.Operator.Backups;

/// <summary>
/// The CronJob that creates a BackupSession at each slot of the schedule. Source: stash-behaviour §2.4.
/// </summary>
internal static class TriggerCronJob
{
    /// <summary>A slot that was missed for longer (the control plane was away) is not made up for.</summary>
    private static readonly TimeSpan StartingDeadline = TimeSpan.FromHours(6);

    /// <summary>All that a trigger does is to create one object: its Job has failed when it takes longer.</summary>
    private static readonly TimeSpan ActiveDeadline = TimeSpan.FromMinutes(10);

    private const int Retries = 2;

    public static string NameFor(BackupInvoker invoker) =>
        ObjectNames.TriggerCronJob(
            invoker.Name,
            invoker.Namespace,
            invoker.Members.Count > 0 ? invoker.Members[0].Target.Namespace : null
        );

    /// <param name="serviceAccount">Account of the trigger's pods.</param>
    public static V1CronJob Build(BackupInvoker invoker, string serviceAccount, OperatorOptions options)
    {
        var labels = Labels.Offshoot(invoker.Owner.Metadata.Labels, Labels.BackupComponent);
        var jobLabels = new Dictionary<string, string>(labels, StringComparer.Ordinal)
        {
            [Labels.DeleteJobOnCompletion] = "true",
        };
        var settings = invoker.TriggerSettings;
        return new V1CronJob
        {
            ApiVersion = $"{V1CronJob.KubeGroup}/{V1CronJob.KubeApiVersion}",
            Kind = V1CronJob.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = NameFor(invoker),
                NamespaceProperty = invoker.Namespace,
                Labels = labels,
                OwnerReferences = [Ownership.ControlledBy(invoker.Owner)],
            },
            Spec = new V1CronJobSpec
            {
                Schedule = invoker.Schedule,
                Suspend = invoker.IsPaused,
                // Sessions wait for each other; of triggers that cannot start, one is enough.
                ConcurrencyPolicy = "Forbid",
                StartingDeadlineSeconds = (long)StartingDeadline.TotalSeconds,
                JobTemplate = new V1JobTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = jobLabels },
                    Spec = new V1JobSpec
                    {
                        ActiveDeadlineSeconds = (long)ActiveDeadline.TotalSeconds,
                        BackoffLimit = Retries,
                        Template = new V1PodTemplateSpec
                        {
                            Metadata = new V1ObjectMeta
                            {
                                Labels = PodTemplate.Labels(labels, settings?.Pod),
                                Annotations = settings?.Pod?.PodAnnotations,
                            },
                            Spec = PodTemplate.Apply(
                                new V1PodSpec
                                {
                                    RestartPolicy = "Never",
                                    ServiceAccountName = serviceAccount,
                                    Containers = [Container(invoker, options)],
                                },
                                settings?.Pod,
                                options
                            ),
                        },
                    },
                },
            },
        };
    }

    private static V1Container Container(BackupInvoker invoker, OperatorOptions options) =>
        PodTemplate.ApplyToTrigger(
            new V1Container
            {
                Name = PodNames.TriggerContainer,
                Image = options.WorkerImage,
                ImagePullPolicy = options.ImagePullPolicy,
                Args = ["create-backupsession", $"--invoker-name={invoker.Name}", $"--invoker-kind={invoker.Kind}"],
                Env = DownwardApi.Variables(),
                SecurityContext = PodTemplate.Unprivileged(),
                TerminationMessagePolicy = "FallbackToLogsOnError",
            },
            invoker.TriggerSettings?.Container
        );
}
