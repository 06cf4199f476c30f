using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;

namespace Granary.Operator.Tasks;

/// <summary>Which Task runs, and with which parameters. Source: stash-behaviour §3.4.</summary>
internal static class TaskChoice
{
    public static TaskRef ForBackup(TaskRef? asked, AppBinding? appBinding) =>
        Merge(asked, appBinding is null ? null : StashAddon.Of(appBinding)?.BackupTask, "backupTask");

    public static TaskRef ForRestore(TaskRef? asked, AppBinding? appBinding) =>
        Merge(asked, appBinding is null ? null : StashAddon.Of(appBinding)?.RestoreTask, "restoreTask");

    /// <summary>The invoker's name and parameters win over those that the AppBinding brings along.</summary>
    /// <exception cref="TaskResolutionException">Neither names a Task.</exception>
    private static TaskRef Merge(TaskRef? asked, TaskRef? addon, string place)
    {
        var name = asked?.Name is { Length: > 0 } given ? given : addon?.Name;
        if (string.IsNullOrEmpty(name))
        {
            throw new TaskResolutionException(
                "no Task is named: neither spec.task.name nor the AppBinding's "
                    + $"spec.parameters.stash.addon.{place}.name is set"
            );
        }

        var parameters = new Dictionary<string, string>();
        foreach (var parameter in (addon?.Params ?? []).Concat(asked?.Params ?? []))
        {
            parameters[parameter.Name] = parameter.Value;
        }

        return new TaskRef
        {
            Name = name,
            Params = [.. parameters.Select(pair => new Param { Name = pair.Key, Value = pair.Value })],
        };
    }
}
