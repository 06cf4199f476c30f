using System.Globalization;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Patching;

/// <summary>JSON patch (RFC 6902).</summary>
internal static class JsonPatch
{
    private const int MostOperations = 10_000;

    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        if (operations.Count > MostOperations)
        {
            throw new ApiStatusException(
                413,
                "RequestEntityTooLarge",
                $"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}"
            );
        }

        JsonNode? root = target;
        foreach (var operation in operations.Objects())
        {
            root = ApplyOne(root, operation);
        }

        return root as JsonObject ?? throw Refused();
    }

    private static JsonNode? ApplyOne(JsonNode? root, JsonObject operation)
    {
        var path = Split(operation.TextAt("path") ?? throw Refused());
        switch (operation.TextAt("op"))
        {
            case "add":
                return Add(root, path, operation["value"]?.DeepClone());
            case "remove":
                Take(root, path);
                return root;
            case "replace":
                if (path.Length == 0)
                {
                    return operation["value"]?.DeepClone();
                }

                Replace(root, path, operation["value"]?.DeepClone());
                return root;
            case "move":
                return Add(root, path, Take(root, Split(operation.TextAt("from") ?? throw Refused())));
            case "copy":
                return Add(root, path, Get(root, Split(operation.TextAt("from") ?? throw Refused()))?.DeepClone());
            case "test":
                return Get(root, path, missingIsNull: true).SameAs(operation["value"]) ? root : throw Refused();
            default:
                throw Refused();
        }
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value;
        }

        switch (Get(root, path[..^1]))
        {
            case JsonObject o:
                o[path[^1]] = value;
                break;
            case JsonArray array when path[^1] == "-":
                array.Add(value);
                break;
            case JsonArray array:
                var index = Index(path[^1]);
                if (index > array.Count)
                {
                    throw Refused();
                }

                array.Insert(index, value);
                break;
            default:
                throw Refused();
        }

        return root;
    }

    private static void Replace(JsonNode? root, string[] path, JsonNode? value)
    {
        switch (Get(root, path[..^1]))
        {
            case JsonObject o when o.ContainsKey(path[^1]):
                o[path[^1]] = value;
                break;
            case JsonArray array when Index(path[^1]) is var index && index < array.Count:
                array[index] = value;
                break;
            default:
                throw Refused();
        }
    }

    private static JsonNode? Take(JsonNode? root, string[] path)
    {
        if (path.Length == 0)
        {
            throw Refused();
        }

        switch (Get(root, path[..^1]))
        {
            case JsonObject o when o.TryGetPropertyValue(path[^1], out var value):
                o.Remove(path[^1]);
                return value;
            case JsonArray array when Index(path[^1]) is var index && index < array.Count:
                var item = array[index];
                array.RemoveAt(index);
                return item;
            default:
                throw Refused();
        }
    }

    private static JsonNode? Get(JsonNode? root, string[] path, bool missingIsNull = false)
    {
        var node = root;
        foreach (var step in path)
        {
            switch (node)
            {
                case JsonObject o when o.TryGetPropertyValue(step, out var child):
                    node = child;
                    break;
                case JsonArray array when int.TryParse(step, out var index) && index >= 0 && index < array.Count:
                    node = array[index];
                    break;
                default:
                    return missingIsNull ? null : throw Refused();
            }
        }

        return node;
    }

    private static int Index(string step) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : throw Refused();

    private static string[] Split(string pointer) =>
        pointer.Length == 0
            ? []
            :
            [
                .. pointer
                    .TrimStart('/')
                    .Split('/')
                    .Select(s =>
                        s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)
                    ),
            ];

    /// <summary>What the API server says to any patch that cannot be carried out.</summary>
    private static ApiStatusException Refused() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", []);
}
