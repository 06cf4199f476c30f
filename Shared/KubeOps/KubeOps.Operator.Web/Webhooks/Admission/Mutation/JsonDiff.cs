using System.Text.Json.Nodes;

namespace KubeOps.Operator.Web.Webhooks.Admission.Mutation;

/// <summary>Computes a JSON patch (RFC 6902) that turns one document into another.</summary>
/// <remarks>
/// Objects are compared member by member; arrays item by item, with additions and removals at their end.
/// </remarks>
internal static class JsonDiff
{
    /// <summary>The operations; none when the documents are equal.</summary>
    public static JsonArray Between(string before, string after)
    {
        var operations = new JsonArray();
        Compare(string.Empty, JsonNode.Parse(before), JsonNode.Parse(after), operations);
        return operations;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, JsonArray operations)
    {
        switch (before, after)
        {
            case (JsonObject oldObject, JsonObject newObject):
                CompareObjects(path, oldObject, newObject, operations);
                break;
            case (JsonArray oldArray, JsonArray newArray):
                CompareArrays(path, oldArray, newArray, operations);
                break;
            default:
                if (!JsonNode.DeepEquals(before, after))
                {
                    operations.Add(Operation("replace", path, after));
                }

                break;
        }
    }

    private static void CompareObjects(string path, JsonObject before, JsonObject after, JsonArray operations)
    {
        foreach (var (name, value) in before)
        {
            if (after.TryGetPropertyValue(name, out var now))
            {
                Compare($"{path}/{Escape(name)}", value, now, operations);
            }
            else
            {
                operations.Add(Operation("remove", $"{path}/{Escape(name)}"));
            }
        }

        foreach (var (name, value) in after)
        {
            if (!before.ContainsKey(name))
            {
                operations.Add(Operation("add", $"{path}/{Escape(name)}", value));
            }
        }
    }

    private static void CompareArrays(string path, JsonArray before, JsonArray after, JsonArray operations)
    {
        var common = Math.Min(before.Count, after.Count);
        for (var i = 0; i < common; i++)
        {
            Compare($"{path}/{i}", before[i], after[i], operations);
        }

        // From the end, so that the indexes of what is still to be removed stay right.
        for (var i = before.Count - 1; i >= common; i--)
        {
            operations.Add(Operation("remove", $"{path}/{i}"));
        }

        for (var i = common; i < after.Count; i++)
        {
            operations.Add(Operation("add", $"{path}/-", after[i]));
        }
    }

    private static JsonObject Operation(string name, string path) => new() { ["op"] = name, ["path"] = path };

    private static JsonObject Operation(string name, string path, JsonNode? value)
    {
        var operation = Operation(name, path);
        operation["value"] = value?.DeepClone();
        return operation;
    }

    private static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
