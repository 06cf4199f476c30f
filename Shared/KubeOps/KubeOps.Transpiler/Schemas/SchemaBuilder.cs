using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler.Schemas;

/// <summary>Turns C# types into structural schemas. Source: KubeOps surface, section 5.</summary>
/// <param name="path">
/// The types that are being expanded, outermost first: a type that is met again contains itself.
/// </param>
internal sealed class SchemaBuilder(Stack<Type> path)
{
    private const string ObjectType = "object";
    private const string StringType = "string";
    private const string IntegerType = "integer";
    private const string NumberType = "number";

    /// <summary>
    /// The schema of an entity class: everything but <c>apiVersion</c>, <c>kind</c> and <c>metadata</c>.
    /// </summary>
    public static V1JSONSchemaProps Root(Type entity)
    {
        var builder = new SchemaBuilder(new Stack<Type>([entity]));
        var schema = new V1JSONSchemaProps { Type = ObjectType };
        var properties = new SortedDictionary<string, V1JSONSchemaProps>(StringComparer.Ordinal);
        foreach (var property in Mapped(entity))
        {
            var name = JsonName.Of(property);
            if (name is not ("apiVersion" or "kind" or "metadata"))
            {
                properties[name] = builder.Property(
                    property,
                    isTolerant: Attributes.Has(entity, typeof(PreserveUnknownFieldsAttribute))
                );
            }
        }

        schema.Properties = properties;
        var spec = Mapped(entity).FirstOrDefault(property => JsonName.Of(property) == "spec");
        if (spec is not null && IsRequiredSpec(spec))
        {
            schema.Required = ["spec"];
        }

        TypeAttributes.Apply(schema, entity);
        return schema;
    }

    /// <summary>The properties that have a schema.</summary>
    public static IEnumerable<PropertyInfo> Mapped(Type type) =>
        type.PublicProperties().Where(property => !Attributes.Has(property, typeof(IgnoreAttribute)));

    private static bool IsRequiredSpec(PropertyInfo spec) =>
        Attributes.Has(spec.PropertyType, typeof(RequiredAttribute))
        || Mapped(spec.PropertyType).Any(property => Attributes.Has(property, typeof(RequiredAttribute)));

    private V1JSONSchemaProps Property(PropertyInfo property, bool isTolerant)
    {
        try
        {
            if (Attributes.Has(property, typeof(EmbeddedResourceAttribute)))
            {
                return PropertyAttributes.Apply(EmbeddedResource(), property);
            }

            return PropertyAttributes.Apply(MapTolerantly(property, isTolerant), property);
        }
        catch (TranspilationFailedException e)
        {
            throw Located(e, property);
        }
    }

    private V1JSONSchemaProps MapTolerantly(PropertyInfo property, bool isTolerant)
    {
        try
        {
            return property.PropertyType.FullName == "k8s.Models.V1ObjectMeta"
                ? NestedMetadata(property.DeclaringType!)
                : Map(property.PropertyType);
        }
        catch (UnmappableTypeException)
            when (isTolerant || Attributes.Has(property, typeof(PreserveUnknownFieldsAttribute)))
        {
            return Opaque();
        }
    }

    private static TranspilationFailedException Located(TranspilationFailedException error, PropertyInfo property)
    {
        var message = $"{property.DeclaringType?.Name}.{property.Name}: {error.Message}";
        return error is UnmappableTypeException
            ? new UnmappableTypeException(message)
            : new TranspilationFailedException(message, error.InnerException);
    }

    /// <summary>The schema of a type.</summary>
    private V1JSONSchemaProps Map(Type type)
    {
        if (type.NullableOf() is { } underlying)
        {
            var schema = Map(underlying);
            schema.Nullable = true;
            return schema;
        }

        return Scalar(type) ?? Special(type) ?? Collection(type) ?? Class(type);
    }

    private static V1JSONSchemaProps? Scalar(Type type)
    {
        if (type.IsEnum)
        {
            return new V1JSONSchemaProps { Type = StringType, EnumProperty = [.. EnumNames(type)] };
        }

        var (name, format) = type.FullName switch
        {
            "System.String" => (StringType, null),
            "System.Boolean" => ("boolean", null),
            "System.Int32" => (IntegerType, "int32"),
            "System.Int64" => (IntegerType, "int64"),
            "System.Single" => (NumberType, "float"),
            "System.Double" => (NumberType, "double"),
            "System.Decimal" => (NumberType, "decimal"),
            "System.DateTime" or "System.DateTimeOffset" => (StringType, "date-time"),
            "System.Guid" => (StringType, "uuid"),
            "k8s.Models.ResourceQuantity" => (StringType, null),
            _ => ((string?)null, (string?)null),
        };
        return name is null ? null : new V1JSONSchemaProps { Type = name, Format = format };
    }

    private static IEnumerable<object> EnumNames(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(JsonName.OfEnumMember);

    private static V1JSONSchemaProps? Special(Type type) =>
        type.FullName switch
        {
            "System.Object" => Opaque(),
            "k8s.Models.IntOrString" => new V1JSONSchemaProps { XKubernetesIntOrString = true },
            "k8s.Models.V1ObjectMeta" => new V1JSONSchemaProps { Type = ObjectType },
            "System.Byte[]" => throw new UnmappableTypeException($"the type {type} has no schema"),
            _ when type.IsValueType
                    || type.IsPointer
                    || type.IsByRef
                    || type.FullName?.StartsWith("System.Text.Json.", StringComparison.Ordinal) == true =>
                throw new UnmappableTypeException($"the type {type} has no schema"),
            _ when type.IsKubernetesModel() && type.IsOrImplements("k8s.IKubernetesObject") => EmbeddedResource(),
            _ => null,
        };

    private V1JSONSchemaProps? Collection(Type type)
    {
        if (type.DictionaryValue() is { } value)
        {
            return new V1JSONSchemaProps { Type = ObjectType, AdditionalProperties = Map(value) };
        }

        if (type.IsOrImplements("System.Collections.IDictionary"))
        {
            return Opaque();
        }

        return type.ItemOf() is { } item ? new V1JSONSchemaProps { Type = "array", Items = Map(item) } : null;
    }

    private V1JSONSchemaProps Class(Type type)
    {
        if (path.Any(outer => outer.FullName == type.FullName))
        {
            throw new UnmappableTypeException($"the type {type} contains itself");
        }

        path.Push(type);
        try
        {
            var isTolerant = Attributes.Has(type, typeof(PreserveUnknownFieldsAttribute));
            var properties = new SortedDictionary<string, V1JSONSchemaProps>(StringComparer.Ordinal);
            var required = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var property in Mapped(type))
            {
                var name = JsonName.Of(property);
                properties[name] = Property(property, isTolerant);
                if (Attributes.Has(property, typeof(RequiredAttribute)))
                {
                    required.Add(name);
                }
            }

            var schema = new V1JSONSchemaProps
            {
                Type = ObjectType,
                Properties = properties,
                Required = required.Count == 0 ? null : [.. required],
            };
            TypeAttributes.Apply(schema, type);
            return schema;
        }
        finally
        {
            path.Pop();
        }
    }

    /// <summary>
    /// Metadata inside of another object. The API server prunes what a schema does not name, so the templates of the
    /// Kubernetes client keep what is of use in them.
    /// </summary>
    private static V1JSONSchemaProps NestedMetadata(Type declaringType) =>
        declaringType.IsKubernetesModel()
            ? new V1JSONSchemaProps
            {
                Type = ObjectType,
                Properties = new SortedDictionary<string, V1JSONSchemaProps>(StringComparer.Ordinal)
                {
                    ["annotations"] = TextMap(),
                    ["labels"] = TextMap(),
                },
            }
            : new V1JSONSchemaProps { Type = ObjectType };

    private static V1JSONSchemaProps TextMap() =>
        new()
        {
            Type = ObjectType,
            AdditionalProperties = new V1JSONSchemaProps { Type = StringType },
        };

    private static V1JSONSchemaProps Opaque() => new() { Type = ObjectType, XKubernetesPreserveUnknownFields = true };

    private static V1JSONSchemaProps EmbeddedResource() =>
        new()
        {
            Type = ObjectType,
            XKubernetesEmbeddedResource = true,
            XKubernetesPreserveUnknownFields = true,
        };
}
