using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>Drops fields that a structural schema does not name.</summary>
internal static class SchemaPruner
{
    /// <param name="unknown">Receives the paths of dropped fields.</param>
    public static void Prune(JsonObject root, Schema schema, ICollection<string> unknown) =>
        PruneObject(root, schema, isResource: true, string.Empty, unknown);

    private static void PruneObject(
        JsonObject value,
        Schema schema,
        bool isResource,
        string path,
        ICollection<string> unknown
    )
    {
        foreach (var (name, child) in value.ToArray())
        {
            var field = path.Length == 0 ? name : $"{path}.{name}";
            if (isResource && name is "apiVersion" or "kind" or "metadata")
            {
                continue;
            }

            if (schema.Properties.TryGetValue(name, out var property))
            {
                PruneValue(child, property, field, unknown);
            }
            else if (schema.AdditionalProperties is { } values)
            {
                PruneValue(child, values, field, unknown);
            }
            else if (!schema.PreserveUnknown)
            {
                unknown.Add(field);
                value.Remove(name);
            }
        }
    }

    private static void PruneValue(JsonNode? node, Schema schema, string path, ICollection<string> unknown)
    {
        switch (node)
        {
            case JsonObject o when schema.Type == "object" || schema.Properties.Count > 0 || schema.IsMap:
                PruneObject(o, schema, schema.EmbeddedResource, path, unknown);
                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    PruneValue(array[i], items, $"{path}[{i}]", unknown);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>True when the tree holds nothing that the schema does not name.</summary>
    public static bool IsClean(JsonObject root, Schema schema)
    {
        var unknown = new List<string>();
        Prune(root.Copy(), schema, unknown);
        return unknown.Count == 0;
    }
}
