using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.Api.Tests.Schemas;

/// <summary>
/// What an API server would say about an object under a schema: refused values and fields it would drop.
/// </summary>
internal static class StructuralSchema
{
    /// <summary>Every problem as <c>path: problem</c>; metadata at the root is not looked at.</summary>
    public static IEnumerable<string> Problems(JsonObject schema, JsonObject document)
    {
        var copy = document.DeepClone().AsObject();
        foreach (var identity in (string[])["apiVersion", "kind", "metadata"])
        {
            copy.Remove(identity);
        }

        return Check(schema, copy, "");
    }

    private static IEnumerable<string> Check(JsonObject schema, JsonNode? value, string path)
    {
        if (value is null)
        {
            return (bool?)schema["nullable"] == true ? [] : [$"{path}: is null"];
        }

        var kind = value.GetValueKind();
        if ((bool?)schema["x-kubernetes-int-or-string"] == true)
        {
            return kind is JsonValueKind.String or JsonValueKind.Number
                ? []
                : [$"{path}: {kind} is neither number nor string"];
        }

        var type = (string?)schema["type"];
        if (!Fits(type, kind))
        {
            return [$"{path}: {kind} is not {type}"];
        }

        if (schema["enum"] is JsonArray allowed && !allowed.Any(item => JsonNode.DeepEquals(item, value)))
        {
            return [$"{path}: {value} is not one of {allowed.ToJsonString()}"];
        }

        return value switch
        {
            JsonArray items => items.SelectMany((item, i) => Check(schema["items"]!.AsObject(), item, $"{path}[{i}]")),
            JsonObject members => CheckObject(schema, members, path),
            _ => [],
        };
    }

    private static IEnumerable<string> CheckObject(JsonObject schema, JsonObject members, string path)
    {
        foreach (var required in schema["required"]?.AsArray() ?? [])
        {
            if (!members.ContainsKey((string)required!))
            {
                yield return $"{path}.{required}: is required";
            }
        }

        foreach (var (name, member) in members)
        {
            var child = $"{path}.{name}";
            if ((schema["properties"]?[name] ?? schema["additionalProperties"]) is JsonObject known)
            {
                foreach (var problem in Check(known, member, child))
                {
                    yield return problem;
                }
            }
            else if ((bool?)schema["x-kubernetes-preserve-unknown-fields"] != true)
            {
                yield return $"{child}: would be dropped";
            }
        }
    }

    private static bool Fits(string? type, JsonValueKind kind) =>
        type switch
        {
            "string" => kind is JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer" or "number" => kind is JsonValueKind.Number,
            "array" => kind is JsonValueKind.Array,
            "object" => kind is JsonValueKind.Object,
            _ => true,
        };
}
