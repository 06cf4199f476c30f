using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>Reads the <c>openAPIV3Schema</c> of a CustomResourceDefinition.</summary>
internal static class StructuralSchemaReader
{
    private static readonly TimeSpan PatternLimit = TimeSpan.FromSeconds(2);

    public static Schema Read(JsonObject document)
    {
        var schema = new Schema
        {
            Type = document.TextAt("type"),
            Format = document.TextAt("format"),
            Description = document.TextAt("description"),
            Required = [.. document.ArrayAt("required").Texts()],
            Items = document.ObjectAt("items") is { } items ? Read(items) : null,
            AdditionalProperties = ReadValues(document["additionalProperties"]),
            PreserveUnknown = document.FlagAt("x-kubernetes-preserve-unknown-fields"),
            IntOrString = document.FlagAt("x-kubernetes-int-or-string"),
            EmbeddedResource = document.FlagAt("x-kubernetes-embedded-resource"),
            Nullable = document.FlagAt("nullable"),
            HasDefault = document["default"] is not null,
            Default = document["default"],
            Enum = document.ArrayAt("enum"),
            Pattern = ReadPattern(document.TextAt("pattern")),
            MinLength = document.IntegerAt("minLength"),
            MaxLength = document.IntegerAt("maxLength"),
            Minimum = document["minimum"],
            Maximum = document["maximum"],
            ExclusiveMinimum = document.FlagAt("exclusiveMinimum"),
            ExclusiveMaximum = document.FlagAt("exclusiveMaximum"),
            MultipleOf = document["multipleOf"],
            MinItems = document.IntegerAt("minItems"),
            MaxItems = document.IntegerAt("maxItems"),
            UniqueItems = document.FlagAt("uniqueItems"),
            MinProperties = document.IntegerAt("minProperties"),
            MaxProperties = document.IntegerAt("maxProperties"),
            AllOf = ReadAll(document, "allOf"),
            AnyOf = ReadAll(document, "anyOf"),
            OneOf = ReadAll(document, "oneOf"),
            Not = document.ObjectAt("not") is { } not ? Read(not) : null,
            ListType = document.TextAt("x-kubernetes-list-type"),
            ListMapKeys = [.. document.ArrayAt("x-kubernetes-list-map-keys").Texts()],
            MapType = document.TextAt("x-kubernetes-map-type"),
        };
        foreach (var (name, property) in document.ObjectAt("properties") ?? [])
        {
            schema.Properties[name] = Read(property as JsonObject ?? []);
        }

        return schema;
    }

    private static Schema? ReadValues(JsonNode? node) =>
        node switch
        {
            JsonObject o => Read(o),
            JsonValue v when v.GetValueKind() == JsonValueKind.True => Schema.Anything,
            _ => null,
        };

    private static Schema[] ReadAll(JsonObject document, string name) =>
        [.. document.ArrayAt(name).Objects().Select(Read)];

    private static Regex? ReadPattern(string? pattern)
    {
        if (string.IsNullOrEmpty(pattern))
        {
            return null;
        }

        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, PatternLimit);
        }
        catch (ArgumentException)
        {
            // RE2 knows spellings that .NET does not; such a pattern is not checked.
            return null;
        }
    }
}
