using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.Api.Status;

/// <summary>What became of one action on a repository.</summary>
/// <param name="Name">The action, see <see cref="Names.BackupActions"/>.</param>
/// <param name="IsDone">Whether it went well.</param>
/// <param name="Message">What it did, or why it failed.</param>
public sealed record ActionOutcome(string Name, bool IsDone, string Message);

/// <summary>
/// What a maintenance Job did. Its account may write nothing of the session that it works for, so the report travels as
/// the termination message of its container, of which Kubernetes keeps 4096 bytes.
/// </summary>
public static class MaintenanceReport
{
    // Three actions and the text around them stay below Kubernetes' 4096 bytes.
    private const int MaxMessageBytes = 1000;

    /// <summary>The report as JSON; long messages are cut.</summary>
    public static string Write(IEnumerable<ActionOutcome> outcomes)
    {
        var actions = new JsonArray();
        foreach (var outcome in outcomes)
        {
            actions.Add(
                (JsonNode)
                    new JsonObject
                    {
                        ["name"] = outcome.Name,
                        ["done"] = outcome.IsDone,
                        ["message"] = Cut(outcome.Message),
                    }
            );
        }

        return new JsonObject { ["actions"] = actions }.ToJsonString();
    }

    /// <summary>Reads a report.</summary>
    /// <returns>Null when the text is none: another program's words, or a report that was cut.</returns>
    public static IReadOnlyList<ActionOutcome>? Read(string? text)
    {
        try
        {
            return JsonNode.Parse(text ?? "")?["actions"] is JsonArray actions
                ?
                [
                    .. actions.Select(action => new ActionOutcome(
                        (string?)action?["name"] ?? "",
                        (bool?)action?["done"] ?? false,
                        (string?)action?["message"] ?? ""
                    )),
                ]
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    // The escapes of JSON count as well: a quote takes six bytes.
    private static string Cut(string message)
    {
        var text = message;
        while (Encoding.UTF8.GetByteCount(JsonValue.Create(text).ToJsonString()) > MaxMessageBytes)
        {
            text = text[..(text.Length * 9 / 10)];
        }

        return text.Length == message.Length ? text : $"{text.TrimEnd()}…";
    }
}
