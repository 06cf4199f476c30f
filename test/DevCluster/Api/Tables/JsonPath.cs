using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Tables;

/// <summary>
/// The part of JSONPath that printer columns use: fields, quoted fields, indexes, <c>[*]</c> and
/// <c>[?(@.type=="Ready")]</c>.
/// </summary>
internal static class JsonPath
{
    public static List<JsonNode?> Find(JsonNode root, string path)
    {
        var found = new List<JsonNode?> { root };
        foreach (var step in Steps(path))
        {
            found = [.. found.SelectMany(n => Take(n, step))];
        }

        return found;
    }

    private static IEnumerable<JsonNode?> Take(JsonNode? node, string step)
    {
        if (!step.StartsWith('['))
        {
            return node is JsonObject o && o.TryGetPropertyValue(step, out var child) ? [child] : [];
        }

        var inner = step[1..^1];
        if (inner == "*")
        {
            return node switch
            {
                JsonArray all => all,
                JsonObject map => map.Select(p => p.Value),
                _ => [],
            };
        }

        if (inner.StartsWith("?(", StringComparison.Ordinal))
        {
            return (node as JsonArray)?.Where(n => Matches(n, inner[2..^1])) ?? [];
        }

        if (
            int.TryParse(inner, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
            && node is JsonArray array
        )
        {
            index = index < 0 ? array.Count + index : index;
            return index >= 0 && index < array.Count ? [array[index]] : [];
        }

        return node is JsonObject quoted && quoted.TryGetPropertyValue(inner.Trim('\'', '"'), out var value)
            ? [value]
            : [];
    }

    /// <summary>A filter such as <c>@.type=="Ready"</c>.</summary>
    private static bool Matches(JsonNode? node, string filter)
    {
        var not = filter.Contains("!=", StringComparison.Ordinal);
        var sides = filter.Split(not ? "!=" : "==", 2, StringSplitOptions.TrimEntries);
        if (sides.Length != 2)
        {
            return Find(node ?? new JsonObject(), sides[0].TrimStart('@')).Count > 0;
        }

        var wanted = sides[1].Trim('\'', '"');
        var found = node is null ? [] : Find(node, sides[0].TrimStart('@'));
        var equal = found.Any(f =>
            f.Kind() == JsonValueKind.String ? f!.GetValue<string>() == wanted : f?.ToJsonString() == wanted
        );
        return equal != not;
    }

    private static List<string> Steps(string path)
    {
        var steps = new List<string>();
        var current = new StringBuilder();
        var depth = 0;
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            if (depth == 0 && c is '.' or '[' && current.Length > 0 && depth == 0)
            {
                steps.Add(current.ToString());
                current.Clear();
            }

            if (c == '\\' && i + 1 < path.Length)
            {
                current.Append(path[++i]);
                continue;
            }

            depth += c switch
            {
                '[' => 1,
                ']' => -1,
                _ => 0,
            };
            if (c == '.' && depth == 0 && current.Length == 0)
            {
                continue;
            }

            current.Append(c);
        }

        if (current.Length > 0)
        {
            steps.Add(current.ToString());
        }

        return steps;
    }
}
