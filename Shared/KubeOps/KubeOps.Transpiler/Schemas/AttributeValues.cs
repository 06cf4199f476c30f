using System.Reflection;
using System.Text.Json;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler.Schemas;

/// <summary>Reads values out of attributes, as plain objects that every serializer writes the same way.</summary>
internal static class AttributeValues
{
    /// <summary>
    /// The value of <c>DefaultValue</c> or <c>Example</c>; JSON becomes dictionaries, lists and scalars.
    /// </summary>
    public static object? Value(CustomAttributeData attribute)
    {
        var value = attribute.ConstructorArguments[0].Value;
        if (!attribute.Named<bool>("Json"))
        {
            return value;
        }

        try
        {
            using var document = JsonDocument.Parse(value as string ?? "null");
            return Plain(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new TranspilationFailedException($"'{value}' is not JSON", e);
        }
    }

    /// <summary>A limit; -1 is none.</summary>
    public static long? Limit(CustomAttributeData attribute, int position) =>
        attribute.Argument<long>(position) is var limit && limit == -1 ? null : limit;

    private static object? Plain(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().ToDictionary(p => p.Name, p => Plain(p.Value)),
            JsonValueKind.Array => element.EnumerateArray().Select(Plain).ToList(),
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => element.TryGetInt64(out var whole) ? whole : element.GetDouble(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };
}
