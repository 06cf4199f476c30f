using System.Text.Json.Nodes;
using Granary.TestSupport;

namespace Granary.EndToEnd;

/// <summary>Waits for backup and restore sessions, and reads what they say.</summary>
public static class Sessions
{
    private static readonly string[] Final = ["Succeeded", "Failed", "Skipped", "Unknown", "Invalid"];

    /// <summary>
    /// The name of the first BackupSession of a BackupConfiguration that is not among those already known.
    /// </summary>
    public static async Task<string> NextAsync(
        Kubectl kubectl,
        string @namespace,
        string configuration,
        IReadOnlyCollection<string> known,
        TimeSpan within
    )
    {
        JsonNode session = await Eventually.ValueAsync(
            $"a new BackupSession of {configuration}",
            async () =>
                (await kubectl.ListAsync("backupsessions", @namespace)).FirstOrDefault(candidate =>
                    (string?)candidate["spec"]?["invoker"]?["name"] == configuration
                    && !known.Contains((string)candidate["metadata"]!["name"]!)
                ),
            within
        );
        return (string)session["metadata"]!["name"]!;
    }

    /// <summary>Waits until a BackupSession or RestoreSession has ended and answers it.</summary>
    /// <param name="kubectl">The cluster.</param>
    /// <param name="kind"><c>backupsession</c> or <c>restoresession</c>.</param>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="within">How long it may take.</param>
    public static Task<JsonNode> EndAsync(
        Kubectl kubectl,
        string kind,
        string @namespace,
        string name,
        TimeSpan within
    ) =>
        Eventually.ValueAsync(
            $"{kind} {@namespace}/{name} to end",
            async () =>
                await kubectl.GetAsync(kind, name, @namespace) is { } session && Final.Contains(Phase(session))
                    ? session
                    : null,
            within
        );

    /// <summary>The session's phase, or an empty text.</summary>
    public static string Phase(JsonNode session) => (string?)session["status"]?["phase"] ?? "";

    /// <summary>Everything in the status that says why a session failed, in one line.</summary>
    public static string Reason(JsonNode session)
    {
        JsonNode? status = session["status"];
        IEnumerable<JsonNode?> targets = status?["targets"]?.AsArray() ?? [];
        IEnumerable<JsonNode?> stats = targets
            .SelectMany(target => target?["stats"]?.AsArray() ?? [])
            .Concat(status?["stats"]?.AsArray() ?? []);
        IEnumerable<JsonNode?> conditions = targets
            .SelectMany(target => target?["conditions"]?.AsArray() ?? [])
            .Concat(status?["conditions"]?.AsArray() ?? []);
        string[] parts =
        [
            .. stats.Select(host => (string?)host?["error"] ?? ""),
            .. conditions
                .Where(condition => IsBad(condition))
                .Select(condition => $"{(string?)condition!["type"]}: {(string?)condition["message"]}"),
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0).Distinct());
    }

    private static bool IsBad(JsonNode? condition) =>
        (string?)condition?["type"] switch
        {
            "DeadlineExceeded" or "BackupDisrupted" or "BackupSkipped" => (string?)condition!["status"] == "True",
            "Ready" => false,
            _ => (string?)condition?["status"] == "False",
        };
}
