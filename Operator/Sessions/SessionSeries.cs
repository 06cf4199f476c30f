using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;
using Granary.Api.Names;
using Granary.Api.Stash.V1Beta1;
using Granary.Operator.Invokers;
using Granary.Operator.Monitoring;
using Granary.Operator.Tasks;

namespace Granary.Operator.Sessions;

/// <summary>
/// The series of a whole session or restore and of its targets; the worker pushes those of hosts. Source: §5.2, §5.3.
/// </summary>
/// <remarks>
/// Each is published under its documented name and its current one (D22). A failure only sets the success gauge to 0.
/// </remarks>
internal sealed class SessionSeries(Dictionary<string, string> labels)
{
    private readonly Exposition _series = new();

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
        var series = new SessionSeries(
            Base(invoker.Kind, invoker.Name, invoker.Namespace, invoker.Driver, invoker.Repository, extraLabels)
        );
        series.Backup("session_success", "success", Flag(succeeded), []);
        if (succeeded)
        {
            series.Backup("session_duration_seconds", "duration_seconds", duration.TotalSeconds, []);
            series.Backup("target_count_total", "target_count_total", session.Status.Targets.Count, []);
            series.Backup("last_success_time_seconds", "last_success_time_seconds", now.ToUnixTimeSeconds(), []);
        }

        foreach (var target in session.Status.Targets)
        {
            var isGood = PhaseOf.Target(target) == TargetPhase.Succeeded;
            var own = TargetLabels(target.Ref, appBindings);
            series.Backup("target_success", "target_success", Flag(isGood), own);
            if (isGood)
            {
                series.Backup("target_host_count_total", "target_host_count_total", target.TotalHosts ?? 1, own);
                series.Backup(
                    "target_last_success_time_seconds",
                    "target_last_success_time_seconds",
                    now.ToUnixTimeSeconds(),
                    own
                );
            }
        }

        return series._series;
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
        var series = new SessionSeries(
            Base(invoker.Kind, invoker.Name, invoker.Namespace, invoker.Driver, invoker.Repository, extraLabels)
        );
        series.Restore("session_success", "success", Flag(succeeded), []);
        if (succeeded)
        {
            series.Restore("session_duration_seconds", "duration_seconds", duration.TotalSeconds, []);
            series.Restore("target_count_total", "target_count_total", invoker.Members.Count, []);
        }

        var own = TargetLabels(invoker.Members[0].Target, appBindings);
        series.Restore("target_success", "target_success", Flag(succeeded), own);
        if (succeeded)
        {
            series.Restore("target_host_count_total", "target_host_count_total", session.Status.TotalHosts ?? 1, own);
        }

        return series._series;
    }

    private void Backup(string legacy, string current, double value, Dictionary<string, string> own)
    {
        Add($"stash_backup_{legacy}", value, own);
        Add($"stash_appscode_com_backupsession_{current}", value, own);
    }

    private void Restore(string legacy, string current, double value, Dictionary<string, string> own)
    {
        Add($"stash_restore_{legacy}", value, own);
        Add($"stash_appscode_com_restoresession_{current}", value, own);
    }

    private void Add(string name, double value, Dictionary<string, string> own) =>
        _series.Gauge(name, labels.Concat(own.Where(label => !labels.ContainsKey(label.Key))), value);

    private static Dictionary<string, string> Base(
        string kind,
        string name,
        string @namespace,
        string driver,
        ObjectReference repository,
        IReadOnlyList<string> extra
    )
    {
        var labels = new Dictionary<string, string>
        {
            ["invoker_kind"] = kind,
            ["invoker_name"] = name,
            ["namespace"] = @namespace,
            ["driver"] = driver,
            ["repository"] = repository.Name,
        };
        foreach (var parts in extra.Select(label => label.Split('=', 2)))
        {
            labels.TryAdd(parts[0], parts[1]);
        }

        return labels;
    }

    /// <summary>
    /// Kind and group are the application's, from <c>spec.type</c>; without one they are the AppBinding's own.
    /// </summary>
    private static Dictionary<string, string> TargetLabels(TargetRef? target, IReadOnlyList<AppBinding> appBindings)
    {
        var labels = new Dictionary<string, string> { ["name"] = target?.Name ?? "" };
        var appBinding = appBindings.FirstOrDefault(one =>
            one.Metadata.Name == target?.Name && one.Metadata.NamespaceProperty == target?.Namespace
        );
        if (appBinding is not null)
        {
            var type = AppType.Of(appBinding);
            var isUntyped = type is { Group: "", Resource: "" };
            labels["kind"] = isUntyped ? "appbindings" : type.Resource;
            labels["group"] = isUntyped ? Kinds.AppCatalogGroup : type.Group;
        }

        return labels;
    }

    private static double Flag(bool value) => value ? 1 : 0;
}
