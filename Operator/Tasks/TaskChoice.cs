using System.Text.Json;
using Granary.Api.AppCatalog.V1Alpha1;
using Granary.Api.Common;

namespace Granary.Operator.Tasks;

/// <summary>Which Task runs, and with which parameters. Source: stash-behaviour §3.4.</summary>
internal static class TaskChoice
{
    /// <exception cref="TaskResolutionException">Neither names a Task, or the AppBinding's cannot be read.</exception>
    public static TaskRef ForBackup(TaskRef? asked, AppBinding? appBinding) =>
        Merge(asked, AddonOf(appBinding)?.BackupTask, "backupTask");

    /// <inheritdoc cref="ForBackup"/>
    public static TaskRef ForRestore(TaskRef? asked, AppBinding? appBinding) =>
        Merge(asked, AddonOf(appBinding)?.RestoreTask, "restoreTask");

    private static StashAddon? AddonOf(AppBinding? appBinding)
    {
        try
        {
            return appBinding is null ? null : StashAddon.Of(appBinding);
        }
        catch (JsonException e)
        {
            throw new TaskResolutionException(
                $"the AppBinding's spec.parameters.stash.addon cannot be read ({e.Path ?? "$"}): a task has a name and "
                    + "params, a list of names and values"
            );
        }
    }

    /// <summary>The invoker's name and parameters win over those that the AppBinding brings along.</summary>
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
