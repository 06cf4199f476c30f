using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Json;
using Granary.DevCluster.Api.Schemas;

namespace Granary.DevCluster.Api.OpenApi;

/// <summary>Writes built-in schemas as components that refer to each other.</summary>
internal sealed class SchemaPublisher
{
    public JsonObject Published { get; } = [];

    /// <summary>Publishes a type as a kind, and returns its name.</summary>
    public string Publish(Schema schema, JsonObject groupVersionKind)
    {
        var name = schema.TypeName!;
        Reference(schema);
        Published[name]!["x-kubernetes-group-version-kind"] = new JsonArray(groupVersionKind);
        return name;
    }

    public JsonObject Reference(Schema schema)
    {
        var name = schema.TypeName!;
        if (!Published.ContainsKey(name))
        {
            // Entered before its fields: a type may contain itself.
            var component = new JsonObject { ["type"] = "object" };
            Published[name] = component;
            var properties = new JsonObject();
            foreach (var (field, property) in schema.Properties)
            {
                properties[field] = Inline(property);
                if (Description(field) is { } description)
                {
                    properties[field]!["description"] = description;
                }
            }

            component["properties"] = properties;
            if (schema.MapType is not null)
            {
                component["x-kubernetes-map-type"] = schema.MapType;
            }
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    private JsonObject Inline(Schema schema)
    {
        if (schema.TypeName is not null)
        {
            return new JsonObject { ["allOf"] = new JsonArray(Reference(schema)), ["default"] = new JsonObject() };
        }

        if (schema.IntOrString)
        {
            return new JsonObject
            {
                ["type"] = "string",
                ["format"] = "int-or-string",
                ["x-kubernetes-int-or-string"] = true,
            };
        }

        if (schema.Format == "quantity")
        {
            return new JsonObject { ["type"] = "string" };
        }

        var result = new JsonObject();
        if (schema.Type is not null)
        {
            result["type"] = schema.Type;
        }

        if (schema.Format is not null)
        {
            result["format"] = schema.Format == "date-time-micro" ? "date-time" : schema.Format;
        }

        if (schema.PreserveUnknown)
        {
            result["x-kubernetes-preserve-unknown-fields"] = true;
        }

        if (schema.Items is { } items)
        {
            result["items"] = Inline(items);
            AddMerge(result, schema);
        }

        if (schema.AdditionalProperties is { } values)
        {
            result["additionalProperties"] = Inline(values);
        }

        return result;
    }

    private static void AddMerge(JsonObject result, Schema schema)
    {
        if (schema.ListType is not null)
        {
            result["x-kubernetes-list-type"] = schema.ListType;
        }

        if (schema.ListMapKeys.Count > 0)
        {
            result["x-kubernetes-list-map-keys"] = schema.ListMapKeys.ToJsonArray();
        }

        if (schema.PatchMergeKey is { } key)
        {
            result["x-kubernetes-patch-strategy"] = "merge";
            if (key.Length > 0)
            {
                result["x-kubernetes-patch-merge-key"] = key;
            }
        }
    }

    private static string? Description(string field) =>
        field switch
        {
            "apiVersion" => CommonDescriptions.ApiVersion,
            "kind" => CommonDescriptions.Kind,
            "metadata" => CommonDescriptions.Metadata,
            _ => null,
        };
}
