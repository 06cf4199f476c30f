using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Granary.DevCluster.Api.Schemas;

/// <summary>Schemas of the built-in types, derived from the model classes of KubernetesClient.</summary>
internal static class BuiltInSchemas
{
    private static readonly ConcurrentDictionary<Type, Schema> Known = new();

    /// <summary>
    /// Types whose short name another type has as well; they are published under their full class name.
    /// </summary>
    private static readonly HashSet<string> Ambiguous = typeof(V1Pod)
        .Assembly.GetTypes()
        .Where(t => t.Namespace == typeof(V1Pod).Namespace && IsModel(t))
        .GroupBy(ShortName, StringComparer.Ordinal)
        .Where(g => g.Count() > 1)
        .Select(g => g.Key)
        .ToHashSet(StringComparer.Ordinal);

    public static Schema Of<T>() => Of(typeof(T));

    public static Schema Of(Type type)
    {
        if (Known.TryGetValue(type, out var known))
        {
            return known;
        }

        lock (Ambiguous)
        {
            return Build(type, new Dictionary<Type, Schema>());
        }
    }

    private static Schema Build(Type type, Dictionary<Type, Schema> underway)
    {
        if (Known.TryGetValue(type, out var schema) || underway.TryGetValue(type, out schema))
        {
            return schema;
        }

        schema = new Schema
        {
            Type = "object",
            TypeName = PublishedName(type),
            MapType = MapTypeOf(type),
        };
        underway[type] = schema;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name;
            if (name is not null)
            {
                schema.Properties[name] = OfProperty(type, property.PropertyType, name, underway);
            }
        }

        if (underway.Keys.First() == type)
        {
            foreach (var (finished, value) in underway)
            {
                Known.TryAdd(finished, value);
            }
        }

        return schema;
    }

    private static Schema OfProperty(Type owner, Type type, string name, Dictionary<Type, Schema> underway)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (owner == typeof(V1ManagedFieldsEntry) && name == "fieldsV1")
        {
            return new Schema { Type = "object", PreserveUnknown = true };
        }

        if (Scalar(type, owner, name) is { } scalar)
        {
            return scalar;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
        {
            return new Schema
            {
                Type = "object",
                AdditionalProperties = OfProperty(owner, type.GetGenericArguments()[1], string.Empty, underway),
            };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>))
        {
            var merge = MergeKeys.Of(owner, name);
            return new Schema
            {
                Type = "array",
                Items = OfProperty(owner, type.GetGenericArguments()[0], string.Empty, underway),
                PatchMergeKey = merge?.PatchMergeKey,
                ListType = merge?.ListType ?? "atomic",
                ListMapKeys = merge?.ListMapKeys ?? [],
            };
        }

        return Build(type, underway);
    }

    private static Schema? Scalar(Type type, Type owner, string name)
    {
        if (type == typeof(string))
        {
            return new Schema { Type = "string" };
        }

        if (type == typeof(bool))
        {
            return new Schema { Type = "boolean" };
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return new Schema { Type = "integer", Format = type == typeof(int) ? "int32" : "int64" };
        }

        if (type == typeof(double))
        {
            return new Schema { Type = "number", Format = "double" };
        }

        if (type == typeof(DateTime))
        {
            var micro = (owner == typeof(V1LeaseSpec) && name is "acquireTime" or "renewTime") || name == "eventTime";
            return new Schema { Type = "string", Format = micro ? "date-time-micro" : "date-time" };
        }

        if (type == typeof(byte[]))
        {
            return new Schema { Type = "string", Format = "byte" };
        }

        if (type == typeof(IntOrString))
        {
            return new Schema { IntOrString = true };
        }

        if (type == typeof(ResourceQuantity))
        {
            return new Schema
            {
                Type = null,
                Format = "quantity",
                PreserveUnknown = true,
            };
        }

        return type == typeof(object) ? Schema.Anything : null;
    }

    private static string? MapTypeOf(Type type) =>
        type == typeof(V1ObjectReference)
        || type == typeof(V1LocalObjectReference)
        || type == typeof(V1LabelSelector)
        || type == typeof(V1SecretKeySelector)
        || type == typeof(V1ConfigMapKeySelector)
        || type == typeof(V1ObjectFieldSelector)
        || type == typeof(V1OwnerReference)
            ? "atomic"
            : null;

    private static bool IsModel(Type type) =>
        type is { IsClass: true, IsGenericType: false, IsNested: false }
        && type.GetProperties().Any(p => p.GetCustomAttribute<JsonPropertyNameAttribute>() is not null);

    private static string PublishedName(Type type)
    {
        var shortName = ShortName(type);
        if (Ambiguous.Contains(shortName))
        {
            shortName = type.Name;
        }

        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>();
        var group = string.IsNullOrEmpty(entity?.Group) ? "core" : entity.Group.Split('.')[0];
        return $"io.k8s.api.{group}.{entity?.ApiVersion ?? "v1"}.{shortName}";
    }

    /// <summary>
    /// Class name without the version in front: <c>V1JobSpec</c> is <c>JobSpec</c>, <c>Corev1Event</c> is <c>Event</c>.
    /// </summary>
    private static string ShortName(Type type)
    {
        var name = type.Name;
        if (name.StartsWith('V') && name.Length > 2 && char.IsDigit(name[1]))
        {
            var start = 2;
            while (start < name.Length && !char.IsUpper(name[start]))
            {
                start++;
            }

            return name[start..];
        }

        var version = name.IndexOf("v1", StringComparison.Ordinal);
        return version > 0 && version + 2 < name.Length && char.IsUpper(name[version + 2])
            ? name[(version + 2)..]
            : name;
    }
}
