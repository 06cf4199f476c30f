using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;

namespace KubeOps.Transpiler.Schemas;

/// <summary>Collects the columns of <c>kubectl get</c>. Source: KubeOps surface, section 5.5.</summary>
internal static class PrinterColumns
{
    private static readonly string[] Types = ["integer", "number", "string", "boolean", "date"];
    private static readonly string[] Formats =
    [
        "int32",
        "int64",
        "float",
        "double",
        "byte",
        "date",
        "date-time",
        "password",
    ];

    /// <summary>
    /// Columns on properties, breadth first in order of declaration, then those on the class and its bases.
    /// </summary>
    public static IEnumerable<V1CustomResourceColumnDefinition> Of(
        Type entity,
        V1JSONSchemaProps schema,
        IInheritedAttributeResolver resolver
    ) => OnProperties(entity, schema).Concat(OnClasses(entity, resolver)).Select(Checked);

    private static IEnumerable<V1CustomResourceColumnDefinition> OnProperties(Type entity, V1JSONSchemaProps root)
    {
        var open = new Queue<(Type Type, V1JSONSchemaProps Schema, string Path)>([(entity, root, string.Empty)]);
        while (open.TryDequeue(out var level))
        {
            foreach (var property in SchemaBuilder.Mapped(level.Type))
            {
                var name = JsonName.Of(property);
                if (level.Schema.Properties?.TryGetValue(name, out var schema) != true || schema is null)
                {
                    continue;
                }

                var path = $"{level.Path}.{name}";
                if (Attributes.Find(property, typeof(AdditionalPrinterColumnAttribute)) is { } column)
                {
                    yield return new V1CustomResourceColumnDefinition
                    {
                        Name = column.Argument<string>(1) ?? name,
                        JsonPath = path,
                        Type = schema.Type,
                        Format = schema.Format,
                        Description = schema.Description,
                        Priority = column.Argument<int>(0),
                    };
                }

                if (schema.Properties is not null)
                {
                    open.Enqueue((property.PropertyType, schema, path));
                }
            }
        }
    }

    private static IEnumerable<V1CustomResourceColumnDefinition> OnClasses(
        Type entity,
        IInheritedAttributeResolver resolver
    )
    {
        for (var level = entity; level is not null; level = level.BaseType)
        {
            foreach (var attribute in Attributes.AllDerived(level, typeof(GenericAdditionalPrinterColumnAttribute)))
            {
                yield return attribute.AttributeType.FullName
                == typeof(GenericAdditionalPrinterColumnAttribute).FullName
                    ? Generic(attribute)
                    : Inherited(attribute, resolver);
            }
        }
    }

    private static V1CustomResourceColumnDefinition Generic(CustomAttributeData attribute) =>
        new()
        {
            JsonPath = attribute.Argument<string>(0),
            Name = attribute.Argument<string>(1),
            Type = attribute.Argument<string>(2),
            Description = attribute.Named<string>(nameof(GenericAdditionalPrinterColumnAttribute.Description)),
            Format = attribute.Named<string>(nameof(GenericAdditionalPrinterColumnAttribute.Format)),
            Priority = attribute.Named<int>(nameof(GenericAdditionalPrinterColumnAttribute.Priority)),
        };

    private static V1CustomResourceColumnDefinition Inherited(
        CustomAttributeData attribute,
        IInheritedAttributeResolver resolver
    )
    {
        if (resolver.Resolve(attribute) is not GenericAdditionalPrinterColumnAttribute column)
        {
            throw new TranspilationFailedException(
                $"the values of the printer column {attribute.AttributeType} cannot be read"
            );
        }

        return new V1CustomResourceColumnDefinition
        {
            JsonPath = column.JsonPath,
            Name = column.Name,
            Type = column.Type,
            Description = column.Description,
            Format = column.Format,
            Priority = (int)column.Priority,
        };
    }

    private static V1CustomResourceColumnDefinition Checked(V1CustomResourceColumnDefinition column)
    {
        if (string.IsNullOrWhiteSpace(column.Name) || string.IsNullOrWhiteSpace(column.JsonPath))
        {
            throw new TranspilationFailedException("a printer column needs a name and a path");
        }

        if (!Types.Contains(column.Type))
        {
            throw new TranspilationFailedException(
                $"the printer column '{column.Name}' has the type '{column.Type}', which is not one of "
                    + $"{string.Join(", ", Types)}"
            );
        }

        if (column.Format is not null && !Formats.Contains(column.Format))
        {
            throw new TranspilationFailedException(
                $"the printer column '{column.Name}' has the format '{column.Format}', which is not one of "
                    + $"{string.Join(", ", Formats)}"
            );
        }

        return column;
    }
}
