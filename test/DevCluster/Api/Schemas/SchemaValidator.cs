using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.DevCluster.Api.Errors;
using Granary.DevCluster.Api.Json;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>Checks a value against a structural schema and words what is wrong as the API server does.</summary>
internal static class SchemaValidator
{
    public static List<FieldError> Validate(JsonObject root, Schema schema)
    {
        var errors = new List<FieldError>();
        CheckObject(root, schema, string.Empty, errors);
        ListTypeValidator.Check(root, schema, string.Empty, errors);
        return errors;
    }

    private static void Check(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        if (node is null)
        {
            if (!schema.Nullable && schema.Type is { } wanted)
            {
                errors.Add(FieldError.TypeInvalid(path, "null", $"{path} in body must be of type {wanted}: \"null\""));
            }

            return;
        }

        if (!TypeFits(node, schema, path, errors))
        {
            return;
        }

        if (schema.Enum is { } allowed && !allowed.Any(a => a.SameAs(node)))
        {
            errors.Add(FieldError.NotSupported(path, node, allowed.Select(AsText)));
        }

        switch (node)
        {
            case JsonObject o:
                CheckObject(o, schema, path, errors);
                break;
            case JsonArray array:
                CheckArray(array, schema, path, errors);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                StringValidator.Check(value, schema, path, errors);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number:
                NumberValidator.Check(value, schema, path, errors);
                break;
            default:
                break;
        }

        CheckCombinations(node, schema, path, errors);
    }

    private static bool TypeFits(JsonNode node, Schema schema, string path, List<FieldError> errors)
    {
        var found = TypeOf(node);
        if (schema.IntOrString)
        {
            if (found is "integer" or "string")
            {
                return true;
            }

            errors.Add(
                FieldError.TypeInvalid(path, found, $"{path} in body must be of type integer,string: \"{found}\"")
            );
            return false;
        }

        if (
            schema.Type is null
            || string.Equals(schema.Type, found, StringComparison.Ordinal)
            || (schema.Type == "number" && found == "integer")
        )
        {
            return true;
        }

        errors.Add(FieldError.TypeInvalid(path, found, $"{path} in body must be of type {schema.Type}: \"{found}\""));
        return false;
    }

    private static void CheckObject(JsonObject value, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.MaxProperties is { } most && value.Count > most)
        {
            errors.Add(FieldError.TooMany(path, value.Count, most));
        }

        if (schema.MinProperties is { } least && value.Count < least)
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should have at least {least} properties"));
        }

        foreach (var (name, child) in value.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            // The metadata of the resource itself has rules of its own.
            if (schema.Field(name) is { } field && !(path.Length == 0 && name == "metadata"))
            {
                Check(child, field, Join(path, name), errors);
            }
        }

        foreach (var name in schema.Required.Where(n => !value.ContainsKey(n)))
        {
            errors.Add(FieldError.Required(Join(path, name)));
        }
    }

    private static void CheckArray(JsonArray array, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                Check(array[i], items, $"{path}[{i}]", errors);
            }
        }

        if (schema.MinItems is { } least && array.Count < least)
        {
            errors.Add(FieldError.Invalid(path, array.Count, $"{path} in body should have at least {least} items"));
        }

        if (schema.MaxItems is { } most && array.Count > most)
        {
            errors.Add(FieldError.TooMany(path, array.Count, most));
        }

        if (schema.UniqueItems && array.Where((a, i) => array.Take(i).Any(b => b.SameAs(a))).Any())
        {
            errors.Add(FieldError.Invalid(path, array, $"{path} in body shouldn't contain duplicates"));
        }
    }

    private static void CheckCombinations(JsonNode node, Schema schema, string path, List<FieldError> errors)
    {
        foreach (var part in schema.AllOf)
        {
            Check(node, part, path, errors);
        }

        if (schema.AnyOf.Count > 0 && !schema.AnyOf.Any(s => Fits(node, s, path)))
        {
            errors.Add(FieldError.Invalid(path, node, $"\"{path}\" must validate at least one schema (anyOf)"));
        }

        if (schema.OneOf.Count > 0 && schema.OneOf.Count(s => Fits(node, s, path)) is var fitting && fitting != 1)
        {
            var found = fitting == 0 ? "Found none valid" : $"Found {fitting} valid alternatives";
            errors.Add(
                FieldError.Invalid(path, node, $"\"{path}\" must validate one and only one schema (oneOf). {found}")
            );
        }

        if (schema.Not is { } not && Fits(node, not, path))
        {
            errors.Add(FieldError.Invalid(path, node, $"\"{path}\" must not validate the schema (not)"));
        }
    }

    private static bool Fits(JsonNode node, Schema schema, string path)
    {
        var errors = new List<FieldError>();
        Check(node, schema, path, errors);
        return errors.Count == 0;
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string AsText(JsonNode? node) =>
        node.Kind() == JsonValueKind.String ? node!.GetValue<string>() : node?.ToJsonString() ?? "null";

    private static string TypeOf(JsonNode node) =>
        node.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            _ => decimal.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number == decimal.Truncate(number)
                ? "integer"
                : "number",
        };
}
