using System.Globalization;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Alpha1;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using Granary.Operator.Tasks;
using k8s.Models;

namespace Granary.Operator.Repositories;

/// <summary>
/// The Job that looks after a Repository behind a session of another namespace. It runs in the Repository's namespace
/// as an account of its own, so that a tenant can neither write the Repository's status nor remove its snapshots at
/// will.
/// </summary>
internal static class MaintenanceJob
{
    /// <summary>The report is read within seconds; this is for a Job whose session has gone meanwhile.</summary>
    private const int SecondsToKeep = 3600;

    public static string NameFor(BackupSession session) =>
        ObjectNames.MaintenanceJob(session.Metadata.NamespaceProperty, session.Metadata.Name);

    /// <param name="actions">What to do, in this order; see <see cref="BackupActions.PostBackup"/>.</param>
    public static V1Job Build(
        Repository repository,
        BackupSession session,
        BackupInvoker invoker,
        IReadOnlyList<string> actions,
        string serviceAccount,
        OperatorOptions options
    )
    {
        var labels = Labels.Offshoot(null, Labels.BackupComponent);
        labels[Labels.InvokerUid] = session.Metadata.Uid;
        var function = new FunctionSpec
        {
            Image = options.WorkerImage,
            Args =
            [
                "maintain-repository",
                .. Place(repository),
                .. Retention(invoker.Retention),
                .. Session(session, invoker),
                .. Metrics(options),
                .. actions.Select(action => $"--action={action}"),
                $"--report={PodNames.TerminationMessageFile}",
            ],
        };
        var step = new ResolvedStep(PodNames.MaintenanceContainer, function, new Dictionary<string, string>());
        var job = SessionJob.Build(
            new SessionJobRequest
            {
                Owner = repository,
                Name = NameFor(session),
                Labels = labels,
                ServiceAccount = serviceAccount,
                Task = new ResolvedTask([step], []),
                Surroundings = new JobSurroundings(repository, null, options),
            }
        );
        job.Metadata.Annotations = new Dictionary<string, string>
        {
            [Annotations.ServedSession] = $"{session.Metadata.NamespaceProperty}/{session.Metadata.Name}",
        };
        job.Spec.TtlSecondsAfterFinished = SecondsToKeep;
        return job;
    }

    private static IEnumerable<string> Place(Repository repository)
    {
        var (backend, location) = JobSurroundings.StorageOf(repository);
        var home = repository.Metadata.NamespaceProperty;
        return
        [
            $"--namespace={home}",
            $"--repository={repository.Metadata.Name}",
            $"--provider={location.Provider}",
            $"--bucket={location.Bucket}",
            $"--path={location.Prefix}",
            $"--endpoint={location.Endpoint}",
            $"--region={location.Region}",
            $"--insecure-tls={(location.InsecureTLS ? "true" : "false")}",
            $"--max-connections={location.MaxConnections.ToString(CultureInfo.InvariantCulture)}",
            $"--storage-secret-name={backend.StorageSecretName}",
            $"--storage-secret-namespace={home}",
        ];
    }

    private static IEnumerable<string> Retention(RetentionPolicy policy)
    {
        (string Flag, long? Count)[] counts =
        [
            ("last", policy.KeepLast),
            ("hourly", policy.KeepHourly),
            ("daily", policy.KeepDaily),
            ("weekly", policy.KeepWeekly),
            ("monthly", policy.KeepMonthly),
            ("yearly", policy.KeepYearly),
        ];
        foreach (var (flag, count) in counts.Where(one => one.Count > 0))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"--keep-{flag}={Math.Min(count!.Value, int.MaxValue)}"
            );
        }

        foreach (var tag in policy.KeepTags ?? [])
        {
            yield return $"--keep-tag={tag}";
        }

        if (policy.Prune)
        {
            yield return "--prune";
        }

        if (policy.DryRun)
        {
            yield return "--dry-run";
        }
    }

    private static IEnumerable<string> Session(BackupSession session, BackupInvoker invoker)
    {
        var created = session.Metadata.CreationTimestamp ?? DateTime.UnixEpoch;
        return
        [
            $"--session-time={created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}",
            $"--invoker-kind={invoker.Kind}",
            $"--invoker-name={invoker.Name}",
            $"--invoker-namespace={invoker.Namespace}",
            $"--driver={invoker.Driver}",
        ];
    }

    private static IEnumerable<string> Metrics(OperatorOptions options)
    {
        if (options.PushgatewayUrl.Length > 0)
        {
            yield return "--metrics-enabled";
            yield return $"--metrics-pushgateway-url={options.PushgatewayUrl}";
        }

        if (options.MetricsLabels.Count > 0)
        {
            yield return $"--metrics-labels={string.Join(',', options.MetricsLabels)}";
        }
    }
}
