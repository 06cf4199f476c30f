using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Cluster;
using Granary.Operator.Invokers;
using Granary.Operator.Jobs;
using k8s.Models;
using KubeOps.KubernetesClient;
using Prometheus;

namespace Granary.Operator.Backups;

/// <summary>Tells whether the schedule leads to sessions: a trigger Job that fails makes none.</summary>
internal sealed class TriggerHealth(
    IKubernetesClient client,
    JobReader jobs,
    BackupInvokers invokers,
    OperatorOptions options,
    TimeProvider time
)
{
    private static readonly Gauge Failing = Prometheus.Metrics.CreateGauge(
        "granary_backup_trigger_failing",
        "Whether the last trigger of a BackupConfiguration made no session.",
        "namespace",
        "invoker_name"
    );

    /// <returns>Why the newest trigger Job makes no session; null when it does, or when none is there.</returns>
    public async Task<string?> TroubleAsync(BackupInvoker invoker, CancellationToken cancellationToken)
    {
        var trouble = await FindAsync(invoker, cancellationToken);
        Failing.WithLabels(invoker.Namespace, invoker.Name).Set(trouble is null ? 0 : 1);
        return trouble;
    }

    /// <summary>Ends the series of a configuration that is gone.</summary>
    public static void Forget(string @namespace, string name) => Failing.RemoveLabelled(@namespace, name);

    private async Task<string?> FindAsync(BackupInvoker invoker, CancellationToken cancellationToken)
    {
        var name = TriggerCronJob.NameFor(invoker);
        if (await client.GetAsync<V1CronJob>(name, invoker.Namespace, cancellationToken) is not { } cronJob)
        {
            return null;
        }

        var made = await client.ListAsync<V1Job>(
            invoker.Namespace,
            $"{Labels.DeleteJobOnCompletion}=true",
            cancellationToken: cancellationToken
        );
        var newest = made.Where(job => Ownership.IsOwnedBy(job, cronJob)).MaxBy(job => job.Metadata.CreationTimestamp);
        if (newest is null || await HasSessionSinceAsync(newest, invoker, cancellationToken))
        {
            return null;
        }

        var seen = await jobs.ObserveAsync(newest.Metadata.Name, cronJob, cancellationToken);
        // A Job that is still tried again may get well.
        return seen is { State: JobState.Active, Trouble.IsFinal: true } or { State: JobState.Missing }
            ? null
            : Disruptions.Of(seen, [], time.GetUtcNow(), Limits.Of(options))?.Message;
    }

    private async Task<bool> HasSessionSinceAsync(V1Job job, BackupInvoker invoker, CancellationToken cancellationToken)
    {
        var sessions = await invokers.SessionsOfAsync(invoker, cancellationToken);
        return sessions.Any(
            (BackupSession session) => session.Metadata.CreationTimestamp >= job.Metadata.CreationTimestamp
        );
    }
}
