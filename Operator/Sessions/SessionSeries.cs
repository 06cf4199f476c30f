using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Metrics;
using Granary.Operator.Invokers;

namespace Granary.Operator.Sessions;

/// <summary>
/// Makes the series of a whole session or restore and of its targets; the worker pushes those of hosts. Source:
/// stash-behaviour §5.2, §5.3.
/// </summary>
/// <remarks>A failure only sets the success gauges to 0.</remarks>
internal static class SessionSeries
{
    public static Exposition OfBackup(
        BackupSession session,
        BackupInvoker invoker,
        bool succeeded,
        TimeSpan duration,
        IReadOnlyList<AppBinding> appBindings,
        IReadOnlyList<string> extraLabels,
        DateTimeOffset now
    )
    {
        var labels = Labels(
            invoker.Kind,
            invoker.Name,
            invoker.Namespace,
            invoker.Driver,
            invoker.Repository,
            extraLabels
        );
        var series = new Exposition();
        var whole = labels.Base();
        series.Add(PushedMetrics.BackupSessionSuccess, whole, succeeded);
        if (succeeded)
        {
            series.Add(PushedMetrics.BackupSessionDuration, whole, duration.TotalSeconds);
            series.Add(PushedMetrics.BackupTargetCount, whole, session.Status.Targets.Count);
            series.Add(PushedMetrics.BackupLastSuccess, whole, now.ToUnixTimeSeconds());
        }

        foreach (var target in session.Status.Targets)
        {
            var isGood = PhaseOf.Target(target) == TargetPhase.Succeeded;
            var own = labels.OfTarget(target.Ref, Find(appBindings, target.Ref));
            series.Add(PushedMetrics.BackupTargetSuccess, own, isGood);
            if (isGood)
            {
                series.Add(PushedMetrics.BackupTargetHostCount, own, target.TotalHosts ?? 1);
                series.Add(PushedMetrics.BackupTargetLastSuccess, own, now.ToUnixTimeSeconds());
            }
        }

        return series;
    }

    public static Exposition OfRestore(
        RestoreSession session,
        RestoreInvoker invoker,
        bool succeeded,
        TimeSpan duration,
        IReadOnlyList<AppBinding> appBindings,
        IReadOnlyList<string> extraLabels
    )
    {
        var labels = Labels(
            invoker.Kind,
            invoker.Name,
            invoker.Namespace,
            invoker.Driver,
            invoker.Repository,
            extraLabels
        );
        var series = new Exposition();
        var whole = labels.Base();
        series.Add(PushedMetrics.RestoreSessionSuccess, whole, succeeded);
        if (succeeded)
        {
            series.Add(PushedMetrics.RestoreSessionDuration, whole, duration.TotalSeconds);
            series.Add(PushedMetrics.RestoreTargetCount, whole, invoker.Members.Count);
        }

        var target = invoker.Members[0].Target;
        var own = labels.OfTarget(target, Find(appBindings, target));
        series.Add(PushedMetrics.RestoreTargetSuccess, own, succeeded);
        if (succeeded)
        {
            series.Add(PushedMetrics.RestoreTargetHostCount, own, session.Status.TotalHosts ?? 1);
        }

        return series;
    }

    private static MetricLabels Labels(
        string kind,
        string name,
        string @namespace,
        string driver,
        ObjectReference repository,
        IReadOnlyList<string> extra
    ) => new(kind, name, @namespace, driver, repository.Name, MetricLabels.ParseExtra(extra));

    private static AppBinding? Find(IReadOnlyList<AppBinding> appBindings, TargetRef? target) =>
        appBindings.FirstOrDefault(one =>
            one.Metadata.Name == target?.Name && one.Metadata.NamespaceProperty == target?.Namespace
        );
}
