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
using k8s;
using k8s.Models;

namespace Granary.Worker.Steps.Restore;

/// <summary>The end of a restore Job: status, Events, metrics. Source: stash-behaviour §3.5.</summary>
internal sealed class RestoreEpilogue(WorkerServices services)
{
    /// <summary>Reports what the step before did.</summary>
    /// <exception cref="StepFailedException">The status could not be written.</exception>
    public async Task RunAsync(UpdateRequest request, CancellationToken cancellationToken)
    {
        var report = await StepReport.ReadAsync(request, cancellationToken);
        if (request.InvokerKind == Kinds.RestoreBatch)
        {
            await ReportAsync(
                await WriteBatchAsync(request, report, cancellationToken),
                request,
                report,
                cancellationToken
            );
        }
        else
        {
            await ReportAsync(
                await WriteSessionAsync(request, report, cancellationToken),
                request,
                report,
                cancellationToken
            );
        }

        var invoker = await Invoker.ReadAsync(
            services.Cluster,
            request.InvokerKind,
            request.Namespace,
            request.InvokerName,
            cancellationToken
        );
        var metrics = new MetricsPush(services, request.Metrics, request.LabelsOf(invoker));
        if (metrics.IsEnabled)
        {
            var appBinding = await metrics.FindAsync(request.Target, cancellationToken);
            var series = new Exposition();
            foreach (var host in report.Stats)
            {
                HostSeries.AddRestore(series, metrics.Labels.OfHost(request.Target, appBinding, host.Hostname), host);
            }

            await metrics.PushAsync(series, cancellationToken);
        }
    }

    private Task<RestoreSession> WriteSessionAsync(
        UpdateRequest request,
        TargetOutput report,
        CancellationToken cancellationToken
    ) =>
        StatusWriter.UpdateAsync<RestoreSession>(
            services.Cluster,
            request.Namespace,
            request.InvokerName,
            session =>
            {
                var status = session.Status;
                Merge(status.Stats, report);
                Merge(status.Conditions, report);
                return new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["stats"] = status.Stats,
                    ["conditions"] = status.Conditions,
                    ["totalHosts"] = status.TotalHosts ?? report.Stats.Count,
                };
            },
            cancellationToken
        );

    private Task<RestoreBatch> WriteBatchAsync(
        UpdateRequest request,
        TargetOutput report,
        CancellationToken cancellationToken
    ) =>
        StatusWriter.UpdateAsync<RestoreBatch>(
            services.Cluster,
            request.Namespace,
            request.InvokerName,
            batch =>
            {
                var members = batch.Status.Members;
                var own = members.Find(member => TargetRefs.Match(member.Ref, request.Target, request.Namespace));
                if (own is null)
                {
                    members.Add(own = new RestoreMemberStatus { Ref = request.Target });
                }

                own.TotalHosts ??= report.Stats.Count;
                Merge(own.Stats, report);
                Merge(own.Conditions, report);
                return new Dictionary<string, object?>(StringComparer.Ordinal) { ["members"] = members };
            },
            cancellationToken
        );

    private async Task ReportAsync<T>(
        T about,
        UpdateRequest request,
        TargetOutput report,
        CancellationToken cancellationToken
    )
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var events = new HostEvents(services.Cluster, services.Log);
        foreach (var host in report.Stats)
        {
            await events.WriteAsync(about, "Restore", host, request.Target, cancellationToken);
        }
    }

    private static void Merge(List<HostRestoreStats> stats, TargetOutput report)
    {
        foreach (var host in report.Stats)
        {
            stats.RemoveAll(known => known.Hostname == host.Hostname);
            stats.Add(host.ToRestoreStats());
        }
    }

    private void Merge(List<Api.Common.Condition> conditions, TargetOutput report)
    {
        foreach (var condition in report.Conditions)
        {
            conditions.Set(condition, services.Time.GetUtcNow());
        }
    }
}
