using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>
/// Brings an object into the form a built-in type gives it: fields that the type does not have go, and so do nulls
/// and empty lists and maps, as they do when the API server decodes and encodes its own types.
/// </summary>
internal static class BuiltInDecoder
{
    /// <summary>Fields that are written even when they are null or empty.</summary>
    private static readonly HashSet<string> AlwaysWritten = new(StringComparer.Ordinal)
    {
        "io.k8s.api.rbac.v1.Role.rules",
        "io.k8s.api.rbac.v1.ClusterRole.rules",
        "io.k8s.api.core.v1.Event.firstTimestamp",
        "io.k8s.api.core.v1.EndpointsList.items",
    };

    public static void Decode(JsonObject value, Schema schema, DecodeFindings findings) =>
        DecodeObject(value, schema, string.Empty, findings);

    private static void DecodeObject(JsonObject value, Schema schema, string path, DecodeFindings findings)
    {
        if (schema.PreserveUnknown)
        {
            return;
        }

        foreach (var (name, child) in value.ToArray())
        {
            var field = path.Length == 0 ? name : $"{path}.{name}";
            var childSchema = schema.Field(name);
            if (childSchema is null)
            {
                findings.Unknown.Add(field);
                value.Remove(name);
                continue;
            }

            if (child is null)
            {
                if (!childSchema.PreserveUnknown)
                {
                    value.Remove(name);
                }

                continue;
            }

            if (DecodeValue(child, childSchema, field, findings) is { } replacement)
            {
                value[name] = replacement;
            }

            if (IsEmptyCollection(value[name], childSchema) && !AlwaysWritten.Contains($"{schema.TypeName}.{name}"))
            {
                value.Remove(name);
            }
        }
    }

    private static bool IsEmptyCollection(JsonNode? node, Schema schema) =>
        (node is JsonArray { Count: 0 } && schema.Type == "array") || (node is JsonObject { Count: 0 } && schema.IsMap);

    /// <returns>Another value to put in its place, or null.</returns>
    private static JsonValue? DecodeValue(JsonNode node, Schema schema, string path, DecodeFindings findings)
    {
        if (schema.PreserveUnknown && schema.Type is null && schema.Format is null)
        {
            return null;
        }

        switch (schema.Type)
        {
            case "object" when node is JsonObject o:
                DecodeObject(o, schema, path, findings);
                return null;
            case "array" when node is JsonArray array:
                for (var i = 0; i < array.Count; i++)
                {
                    if (
                        array[i] is { } item
                        && schema.Items is { } items
                        && DecodeValue(item, items, $"{path}[{i}]", findings) is { } other
                    )
                    {
                        array[i] = other;
                    }
                }

                return null;
            case "string" when node.GetValueKind() == JsonValueKind.String:
                return schema.Format switch
                {
                    "date-time" => Time(node, path, findings, "yyyy-MM-ddTHH:mm:ssZ"),
                    "date-time-micro" => Time(node, path, findings, "yyyy-MM-ddTHH:mm:ss.ffffffZ"),
                    _ => null,
                };
            case "integer" when node.GetValueKind() == JsonValueKind.Number && !node.ToJsonString().Contains('.'):
            case "number" when node.GetValueKind() == JsonValueKind.Number:
            case "boolean" when node.GetValueKind() is JsonValueKind.True or JsonValueKind.False:
                return null;
            case null when schema.IntOrString && node.GetValueKind() is JsonValueKind.String or JsonValueKind.Number:
                return null;
            case null when schema.Format == "quantity":
                return Quantity(node);
            default:
                findings.TypeError ??=
                    $"json: cannot unmarshal {GoType(node)} into Go struct field {path} of type {GoType(schema)}";
                return null;
        }
    }

    private static JsonValue? Time(JsonNode node, string path, DecodeFindings findings, string format)
    {
        var text = node.GetValue<string>();
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return JsonValue.Create(time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture));
        }

        findings.TypeError ??= $"parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse ({path})";
        return null;
    }

    private static JsonValue? Quantity(JsonNode node) =>
        node.GetValueKind() == JsonValueKind.Number ? JsonValue.Create(node.ToJsonString()) : null;

    private static string GoType(JsonNode node) =>
        node.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            _ => "bool",
        };

    private static string GoType(Schema schema) =>
        schema.Type switch
        {
            "integer" => schema.Format ?? "int64",
            "number" => "float64",
            "boolean" => "bool",
            "array" => "[]" + (schema.Items is null ? "interface {}" : GoType(schema.Items)),
            "object" when schema.IsMap => "map[string]" + GoType(schema.AdditionalProperties!),
            "object" => schema.TypeName?.Replace("io.k8s.api.core.v1", "v1", StringComparison.Ordinal) ?? "struct",
            _ => schema.Type ?? "intstr.IntOrString",
        };
}
