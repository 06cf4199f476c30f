using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler.Schemas;

/// <summary>Applies the attributes that a property carries to its schema.</summary>
internal static class PropertyAttributes
{
    private static readonly NullabilityInfoContext Nullability = new();
    private static readonly Lock NullabilityLock = new();

    /// <summary>Completes the schema in place and returns it.</summary>
    /// <exception cref="TranspilationFailedException">
    /// An attribute does not fit, or the API server would refuse it.
    /// </exception>
    public static V1JSONSchemaProps Apply(V1JSONSchemaProps schema, PropertyInfo property)
    {
        if (IsNullableReference(property))
        {
            schema.Nullable = true;
        }

        // What the type says about itself wins over what the property says.
        schema.Description ??= Text(property, typeof(DescriptionAttribute));
        schema.Title ??= Text(property, typeof(TitleAttribute));
        Values(schema, property);
        Limits(schema, property);
        Extensions(schema, property);
        ValidationRules.Append(schema, property);
        Topology.Apply(schema, property);
        return schema;
    }

    private static void Values(V1JSONSchemaProps schema, PropertyInfo property)
    {
        if (Attributes.Find(property, typeof(FormatAttribute)) is { } format)
        {
            schema.Format = format.Argument<string>(0);
            if (schema.Format is not null && string.IsNullOrWhiteSpace(schema.Format))
            {
                throw new TranspilationFailedException("a format must not be blank");
            }
        }

        if (Attributes.Find(property, typeof(DefaultValueAttribute)) is { } fallback)
        {
            schema.DefaultProperty = AttributeValues.Value(fallback);
        }

        if (Attributes.Find(property, typeof(ExampleAttribute)) is { } example)
        {
            schema.Example = AttributeValues.Value(example);
        }

        if (Attributes.Find(property, typeof(EnumValuesAttribute)) is { } values)
        {
            schema.EnumProperty = Enumeration(schema, [.. values.ConstructorArguments[0].Items()]);
        }
    }

    private static List<object> Enumeration(V1JSONSchemaProps schema, List<object?> values)
    {
        if (values.Count == 0)
        {
            throw new TranspilationFailedException("an enumeration needs at least one value");
        }

        if (values.Distinct().Count() != values.Count)
        {
            throw new TranspilationFailedException("an enumeration must not repeat a value");
        }

        if (values.Any(value => !Fits(schema.Type, value)))
        {
            throw new TranspilationFailedException(
                $"the values of an enumeration must be of the schema's type {schema.Type}"
            );
        }

        return [.. values.Select(value => value!)];
    }

    private static bool Fits(string? type, object? value) =>
        (type, value) switch
        {
            ("string", string) => true,
            ("integer", long) => true,
            ("number", long or double) => true,
            _ => false,
        };

    private static void Limits(V1JSONSchemaProps schema, PropertyInfo property)
    {
        schema.Pattern = Text(property, typeof(PatternAttribute)) ?? schema.Pattern;
        if (Attributes.Find(property, typeof(LengthAttribute)) is { } length)
        {
            schema.MinLength = AttributeValues.Limit(length, 0);
            schema.MaxLength = AttributeValues.Limit(length, 1);
        }

        if (Attributes.Find(property, typeof(ItemsAttribute)) is { } items)
        {
            schema.MinItems = AttributeValues.Limit(items, 0);
            schema.MaxItems = AttributeValues.Limit(items, 1);
        }

        if (Attributes.Find(property, typeof(PropertyLimitsAttribute)) is { } properties)
        {
            schema.MinProperties = AttributeValues.Limit(properties, 0);
            schema.MaxProperties = AttributeValues.Limit(properties, 1);
        }

        if (Attributes.Find(property, typeof(RangeMinimumAttribute)) is { } minimum)
        {
            schema.Minimum = minimum.Argument<double>(0);
            schema.ExclusiveMinimum = minimum.Argument<bool>(1);
        }

        if (Attributes.Find(property, typeof(RangeMaximumAttribute)) is { } maximum)
        {
            schema.Maximum = maximum.Argument<double>(0);
            schema.ExclusiveMaximum = maximum.Argument<bool>(1);
        }

        if (Attributes.Find(property, typeof(MultipleOfAttribute)) is { } factor)
        {
            schema.MultipleOf = factor.Argument<double>(0);
        }

        if (Attributes.Has(property, typeof(UniqueItemsAttribute)))
        {
            throw new TranspilationFailedException("Kubernetes forbids uniqueItems; use [XListType(XListType.Set)]");
        }
    }

    private static void Extensions(V1JSONSchemaProps schema, PropertyInfo property)
    {
        if (Attributes.Has(property, typeof(PreserveUnknownFieldsAttribute)))
        {
            schema.XKubernetesPreserveUnknownFields = true;
        }

        if (Attributes.Find(property, typeof(ExternalDocsAttribute)) is { } docs)
        {
            schema.ExternalDocs = new V1ExternalDocumentation
            {
                Url = docs.Argument<string>(0),
                Description = docs.Argument<string>(1),
            };
        }
    }

    private static string? Text(PropertyInfo property, Type attributeType) =>
        Attributes.Find(property, attributeType)?.Argument<string>(0);

    private static bool IsNullableReference(PropertyInfo property)
    {
        if (property.PropertyType.IsValueType)
        {
            return false;
        }

        lock (NullabilityLock)
        {
            var info = Nullability.Create(property);
            return info.ReadState == NullabilityState.Nullable || info.WriteState == NullabilityState.Nullable;
        }
    }
}
