using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>Lists of type <c>set</c> and <c>map</c> hold each item or key once.</summary>
internal static class ListTypeValidator
{
    public static void Check(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        switch (node)
        {
            case JsonObject o:
                foreach (var (name, child) in o.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    if (schema.Field(name) is { } field)
                    {
                        Check(child, field, path.Length == 0 ? name : $"{path}.{name}", errors);
                    }
                }

                break;
            case JsonArray array:
                CheckUnique(array, schema, path, errors);
                for (var i = 0; schema.Items is { } items && i < array.Count; i++)
                {
                    Check(array[i], items, $"{path}[{i}]", errors);
                }

                break;
            default:
                break;
        }
    }

    private static void CheckUnique(JsonArray array, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.ListType is not ("set" or "map"))
        {
            return;
        }

        var seen = new List<JsonNode?>();
        for (var i = 0; i < array.Count; i++)
        {
            var key = schema.ListType == "set" ? array[i] : KeyOf(array[i], schema);
            if (seen.Any(s => s.SameAs(key)))
            {
                errors.Add(FieldError.Duplicate($"{path}[{i}]", key));
            }
            else
            {
                seen.Add(key);
            }
        }
    }

    private static JsonObject KeyOf(JsonNode? item, Schema schema)
    {
        var key = new JsonObject();
        foreach (var name in schema.ListMapKeys)
        {
            if (item.At(name) is { } value)
            {
                key[name] = value.DeepClone();
            }
        }

        return key;
    }
}
