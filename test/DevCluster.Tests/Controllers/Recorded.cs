using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Granary.TestSupport;

namespace Granary.DevCluster.Tests.Controllers;

/// <summary>
/// What a real control plane did, and how it is compared: what differs from run to run is blotted out on both sides.
/// </summary>
internal static partial class Recorded
{
    public static JsonArray Steps(string file) =>
        JsonNode.Parse(
            File.ReadAllText(Path.Combine(RepositoryRoot.Path, "test/Fixtures/Kubernetes", file + ".json"))
        )!["steps"]!.AsArray();

    /// <summary>The body that was posted to create an object of this name.</summary>
    public static JsonObject Created(string file, string name) =>
        Steps(file)
            .Select(step => step!["request"])
            .First(request =>
                (string?)request?["method"] == "POST" && (string?)request["body"]?["metadata"]?["name"] == name
            )!["body"]!
            .DeepClone()
            .AsObject();

    /// <summary>The answer to the step with this note.</summary>
    public static JsonObject Answer(string file, string note) =>
        Steps(file).First(step => (string?)step!["note"] == note)!["response"]!["body"]!.DeepClone().AsObject();

    /// <summary>The answer to the n-th GET of a path.</summary>
    public static JsonObject Got(string file, string path, int index = 0) =>
        Steps(file)
            .Where(step => (string?)step!["request"]?["method"] == "GET" && (string?)step["request"]!["path"] == path)
            .ElementAt(index)!["response"]!["body"]!
            .DeepClone()
            .AsObject();

    /// <summary>Text in which times, uids, versions and random suffixes look alike.</summary>
    public static string Blotted(JsonNode? node)
    {
        var text = Sorted(node)?.ToJsonString() ?? "null";
        text = Time().Replace(text, "TIME");
        text = Uid().Replace(text, "UID");
        return PodName().Replace(text, "$1-XXXXX");
    }

    private static JsonNode? Sorted(JsonNode? node) =>
        node switch
        {
            JsonObject map => new JsonObject(
                map.Where(pair => pair.Key is not ("managedFields" or "resourceVersion"))
                    .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                    .Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))
            ),
            JsonArray list => new JsonArray([.. list.Select(Sorted)]),
            _ => node?.DeepClone(),
        };

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")]
    private static partial Regex Time();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"\b(win|lose|late|susp|pfp|ttl)-[a-z0-9]{5}\b")]
    private static partial Regex PodName();
}
