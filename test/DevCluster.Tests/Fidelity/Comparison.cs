using System.Text.Json.Nodes;

namespace Granary.DevCluster.Tests.Fidelity;

/// <summary>Finds where two answers differ. Lists of named things are compared by name.</summary>
internal static class Comparison
{
    private static readonly string[] Keys = ["name", "resource", "subresource", "groupVersion", "version"];

    public static IEnumerable<string> Differences(JsonNode? expected, JsonNode? actual, string path = "")
    {
        switch (expected, actual)
        {
            case (JsonObject left, JsonObject right):
                foreach (var name in left.Select(p => p.Key).Union(right.Select(p => p.Key), StringComparer.Ordinal))
                {
                    var field = path.Length == 0 ? name : $"{path}.{name}";
                    if (left.ContainsKey(name) != right.ContainsKey(name))
                    {
                        yield return field;
                        continue;
                    }

                    foreach (var difference in Differences(left[name], right[name], field))
                    {
                        yield return difference;
                    }
                }

                break;
            case (JsonArray left, JsonArray right):
                foreach (var difference in Lists(left, right, path))
                {
                    yield return difference;
                }

                break;
            default:
                if (!JsonNode.DeepEquals(expected, actual))
                {
                    yield return path;
                }

                break;
        }
    }

    private static IEnumerable<string> Lists(JsonArray left, JsonArray right, string path)
    {
        if (KeyOf(left) is { } key && KeyOf(right) == key)
        {
            var first = left.ToDictionary(e => Name(e, key), StringComparer.Ordinal);
            var second = right.ToDictionary(e => Name(e, key), StringComparer.Ordinal);
            foreach (var name in first.Keys.Union(second.Keys, StringComparer.Ordinal))
            {
                if (!first.TryGetValue(name, out var one) || !second.TryGetValue(name, out var other))
                {
                    yield return $"{path}[{name}]";
                    continue;
                }

                foreach (var difference in Differences(one, other, $"{path}[{name}]"))
                {
                    yield return difference;
                }
            }

            yield break;
        }

        if (left.Count != right.Count)
        {
            yield return path;
            yield break;
        }

        for (var i = 0; i < left.Count; i++)
        {
            foreach (var difference in Differences(left[i], right[i], $"{path}[{i}]"))
            {
                yield return difference;
            }
        }
    }

    private static string? KeyOf(JsonArray array) =>
        Keys.FirstOrDefault(key =>
            array.Count > 0
            && array.All(e => e is JsonObject o && (o[key] ?? o["metadata"]?[key]) is JsonValue)
            && array.Select(e => Name(e, key)).Distinct(StringComparer.Ordinal).Count() == array.Count
        );

    private static string Name(JsonNode? element, string key) =>
        (element![key] ?? element["metadata"]![key])!.ToString();
}
