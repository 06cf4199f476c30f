using System.Text.Json;
using Granary.Api.Common;
using k8s;

namespace Granary.Api.AppCatalog.V1Alpha1;

/// <summary>The Tasks that an AppBinding's parameters name for its own backup and restore.</summary>
/// <param name="BackupTask">Task for backups, if one is named.</param>
/// <param name="RestoreTask">Task for restores, if one is named.</param>
public sealed record StashAddon(TaskRef? BackupTask, TaskRef? RestoreTask)
{
    /// <summary>Reads <c>stash.addon</c> from the parameters of an AppBinding, whatever their kind is.</summary>
    /// <returns>Null when there is no such member.</returns>
    /// <exception cref="JsonException">A task is there and has another shape.</exception>
    public static StashAddon? Of(AppBinding appBinding)
    {
        if (appBinding.Spec.Parameters is not { } parameters)
        {
            return null;
        }

        var root =
            parameters as JsonElement? ?? KubernetesJson.Deserialize<JsonElement>(KubernetesJson.Serialize(parameters));
        if (Member(Member(root, "stash"), "addon") is not { } addon)
        {
            return null;
        }

        return new StashAddon(ReadTask(addon, "backupTask"), ReadTask(addon, "restoreTask"));
    }

    private static TaskRef? ReadTask(JsonElement addon, string name) =>
        Member(addon, name) is { } task ? KubernetesJson.Deserialize<TaskRef>(task) : null;

    private static JsonElement? Member(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent
        && parent.TryGetProperty(name, out var member)
        && member.ValueKind is not JsonValueKind.Null
            ? member
            : null;
}
