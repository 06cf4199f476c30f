using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>Fills in the defaults of a structural schema.</summary>
internal static class SchemaDefaulter
{
    public static void Apply(JsonNode? node, Schema schema)
    {
        switch (node)
        {
            case JsonObject o:
                foreach (var (name, property) in schema.Properties)
                {
                    // A null where null is not allowed counts as absent.
                    if (
                        property.HasDefault
                        && (!o.TryGetPropertyValue(name, out var value) || (value is null && !property.Nullable))
                    )
                    {
                        o[name] = property.Default?.DeepClone();
                    }
                }

                foreach (var (name, value) in o.ToArray())
                {
                    if (schema.Field(name) is { } field)
                    {
                        Apply(value, field);
                    }
                }

                break;
            case JsonArray array when schema.Items is { } items:
                foreach (var item in array)
                {
                    Apply(item, items);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Removes nulls from fields that may not be null, as the API server does before it validates.</summary>
    public static void DropNulls(JsonNode? node, Schema schema)
    {
        switch (node)
        {
            case JsonObject o:
                foreach (var (name, value) in o.ToArray())
                {
                    var field = schema.Field(name);
                    if (value is null && field is { Nullable: false, PreserveUnknown: false } && field.Type is not null)
                    {
                        o.Remove(name);
                    }
                    else if (field is not null)
                    {
                        DropNulls(value, field);
                    }
                }

                break;
            case JsonArray array when schema.Items is { } items:
                foreach (var item in array)
                {
                    DropNulls(item, items);
                }

                break;
            default:
                break;
        }
    }
}
