using Granary.Access;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Api.Status;
using Granary.Metrics;
using Granary.Worker.Cluster;
using Granary.Worker.Metrics;
using Granary.Worker.Reporting;
using Granary.Worker.Steps.UpdateStatus;

namespace Granary.Worker.Steps.Backup;

/// <summary>
/// The end of a backup Job: status, Events, metrics, and what is to be done with the repository. Source: §2.5, §3.5.
/// </summary>
internal sealed class BackupEpilogue(WorkerServices services)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    /// <summary>Reports what the step before did, and runs the session's last actions if it is their turn.</summary>
    /// <exception cref="StepFailedException">The status could not be written.</exception>
    public async Task RunAsync(
        UpdateRequest request,
        Func<CancellationToken, Task<BackendSettings>> storage,
        CancellationToken cancellationToken
    )
    {
        var report = await StepReport.ReadAsync(request, cancellationToken);
        var session = await WriteAsync(request, report, cancellationToken);
        var events = new HostEvents(services.Cluster, services.Log);
        foreach (var host in report.Stats)
        {
            await events.WriteAsync(session, "Backup", host, request.Target, cancellationToken);
        }

        var invoker = await Invoker.ReadAsync(
            services.Cluster,
            request.InvokerKind,
            request.Namespace,
            request.InvokerName,
            cancellationToken
        );
        await PushHostsAsync(request, invoker, session, report, cancellationToken);
        if (!report.Stats.TrueForAll(host => host.HasSucceeded()))
        {
            return;
        }

        // A repository of another namespace is looked after there, by a Job that the operator makes for it.
        var actions = Own(session, request)?.PostBackupActions ?? [];
        if (actions.Count > 0 && invoker.RepositoryNamespace == request.Namespace)
        {
            session = await WaitForOthersAsync(session, request, cancellationToken);
            await new PostBackupActions(services).RunAsync(
                request,
                session,
                invoker,
                actions,
                storage,
                cancellationToken
            );
        }
    }

    private Task<BackupSession> WriteAsync(
        UpdateRequest request,
        TargetOutput report,
        CancellationToken cancellationToken
    ) =>
        StatusWriter.UpdateAsync<BackupSession>(
            services.Cluster,
            request.Namespace,
            request.Session,
            session =>
            {
                var targets = session.Status.Targets;
                var own = Own(session, request);
                if (own is null)
                {
                    targets.Add(own = new BackupTargetStatus { Ref = request.Target });
                }

                own.TotalHosts ??= Math.Max(report.TotalHosts, report.Stats.Count);
                foreach (var host in report.Stats)
                {
                    own.Stats.RemoveAll(known => known.Hostname == host.Hostname);
                    own.Stats.Add(host.ToBackupStats());
                }

                foreach (var condition in report.Conditions)
                {
                    own.Conditions.Set(condition, services.Time.GetUtcNow());
                }

                return new Dictionary<string, object?>(StringComparer.Ordinal) { ["targets"] = targets };
            },
            cancellationToken
        );

    /// <summary>
    /// Retention and check look at the whole repository, so they come after the last backup of the session.
    /// </summary>
    private async Task<BackupSession> WaitForOthersAsync(
        BackupSession session,
        UpdateRequest request,
        CancellationToken cancellationToken
    )
    {
        var start = services.Time.GetTimestamp();
        while (!session.Status.Targets.TrueForAll(target => IsOwn(target, request) || IsFinished(target)))
        {
            if (services.Time.GetElapsedTime(start) > Patience)
            {
                throw new StepFailedException(
                    $"Other targets of the session did not finish within {Patience.TotalMinutes:0} minutes"
                );
            }

            await Task.Delay(PollInterval, services.Time, cancellationToken);
            session = await services.Cluster.ReadAsync<BackupSession>(
                request.Namespace,
                request.Session,
                cancellationToken
            );
        }

        return session;
    }

    /// <summary>
    /// Pushes every host of the session: a push replaces the series of a name, so the hosts of other Jobs must be in
    /// it.
    /// </summary>
    private async Task PushHostsAsync(
        UpdateRequest request,
        Invoker invoker,
        BackupSession session,
        TargetOutput report,
        CancellationToken cancellationToken
    )
    {
        var metrics = new MetricsPush(services, request.Metrics, request.LabelsOf(invoker));
        if (!metrics.IsEnabled)
        {
            return;
        }

        var series = new Exposition();
        foreach (var target in session.Status.Targets.Where(target => target.Ref is not null))
        {
            var reference = target.Ref!; // Filtered above.
            var appBinding = await metrics.FindAsync(reference, cancellationToken);
            var hosts = IsOwn(target, request) ? report.Stats : target.Stats.ConvertAll(HostSeries.Of);
            foreach (var host in hosts)
            {
                HostSeries.AddBackup(series, metrics.Labels.OfHost(reference, appBinding, host.Hostname), host);
            }
        }

        await metrics.PushAsync(series, cancellationToken);
    }

    private static BackupTargetStatus? Own(BackupSession session, UpdateRequest request) =>
        session.Status.Targets.Find(target => IsOwn(target, request));

    private static bool IsOwn(BackupTargetStatus target, UpdateRequest request) =>
        TargetRefs.Match(target.Ref, request.Target, request.Namespace);

    private static bool IsFinished(BackupTargetStatus target) =>
        target.Phase is TargetPhase.Succeeded or TargetPhase.Failed
        || (target.TotalHosts is { } hosts && target.Stats.Count >= hosts);
}
