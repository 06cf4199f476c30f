using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace KubeOps.Transpiler.Schemas;

/// <summary>Applies the attributes that a class carries to its schema.</summary>
internal static class TypeAttributes
{
    public static void Apply(V1JSONSchemaProps schema, Type type)
    {
        schema.Description = Attributes.Find(type, typeof(DescriptionAttribute))?.Argument<string>(0);
        schema.Title = Attributes.Find(type, typeof(TitleAttribute))?.Argument<string>(0);
        if (Attributes.Has(type, typeof(PreserveUnknownFieldsAttribute)))
        {
            schema.XKubernetesPreserveUnknownFields = true;
        }

        // The default is inherited, unlike the other attributes.
        for (var level = type; level is not null && schema.DefaultProperty is null; level = level.BaseType)
        {
            if (Attributes.Find(level, typeof(DefaultValueAttribute)) is { } fallback)
            {
                schema.DefaultProperty = AttributeValues.Value(fallback);
            }
        }

        ValidationRules.Append(schema, type);
    }
}
