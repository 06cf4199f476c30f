using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler.Schemas;

/// <summary>
/// Adds how server-side apply merges lists and objects, and refuses what the API server would refuse.
/// </summary>
internal static class Topology
{
    private static readonly string[] ScalarTypes = ["string", "integer", "number", "boolean"];

    public static void Apply(V1JSONSchemaProps schema, PropertyInfo property)
    {
        var keys = Attributes.Find(property, typeof(XListMapKeysAttribute));
        if (Attributes.Find(property, typeof(XListTypeAttribute)) is { } listType)
        {
            List(schema, (XListType)listType.Argument<int>(0), keys);
        }
        else if (keys is not null)
        {
            throw new TranspilationFailedException("list map keys need the list type Map");
        }

        if (Attributes.Find(property, typeof(XMapTypeAttribute)) is { } mapType)
        {
            if (schema.Type != "object")
            {
                throw new TranspilationFailedException($"a map type is for objects, not for {schema.Type}");
            }

            schema.XKubernetesMapType = ((XMapType)mapType.Argument<int>(0)).ToString().ToLowerInvariant();
        }
    }

    private static void List(V1JSONSchemaProps schema, XListType listType, CustomAttributeData? keys)
    {
        if (schema.Type != "array" || schema.Items is not V1JSONSchemaProps item)
        {
            throw new TranspilationFailedException($"a list type is for arrays, not for {schema.Type}");
        }

        if (listType == XListType.Set && item.Type is "object")
        {
            throw new TranspilationFailedException("a list of objects cannot be a set");
        }

        schema.XKubernetesListType = listType.ToString().ToLowerInvariant();
        if (listType == XListType.Map)
        {
            schema.XKubernetesListMapKeys = Keys(item, keys);
        }
        else if (keys is not null)
        {
            throw new TranspilationFailedException("list map keys need the list type Map");
        }
    }

    private static List<string> Keys(V1JSONSchemaProps item, CustomAttributeData? attribute)
    {
        List<string> keys = [.. attribute?.ConstructorArguments[0].Items().OfType<string>() ?? []];
        if (keys.Count == 0)
        {
            throw new TranspilationFailedException("the list type Map needs list map keys");
        }

        if (keys.Distinct(StringComparer.Ordinal).Count() != keys.Count)
        {
            throw new TranspilationFailedException("list map keys must not repeat");
        }

        foreach (var key in keys)
        {
            if (item.Properties is null || !item.Properties.TryGetValue(key, out var field))
            {
                throw new TranspilationFailedException($"the list map key '{key}' is not a field of the item");
            }

            if (!ScalarTypes.Contains(field.Type) || field.Nullable == true || item.Required?.Contains(key) != true)
            {
                throw new TranspilationFailedException(
                    $"the list map key '{key}' must be a required scalar that is never null"
                );
            }
        }

        return keys;
    }
}
