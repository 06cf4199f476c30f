using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.Transpiler.Exceptions;
using KubeOps.Transpiler.Schemas;

namespace KubeOps.Transpiler;

/// <summary>Makes custom resource definitions from entity classes.</summary>
public static class Crds
{
    /// <summary>The definition of one class, with one version that is served and stored.</summary>
    /// <param name="context">Where the class is looked at; a class of this program is looked up in it by name.</param>
    /// <param name="type">The entity class.</param>
    /// <param name="attributeResolver">
    /// Reads attributes whose values are set in code; null runs that code in this program.
    /// </param>
    /// <exception cref="TranspilationFailedException">
    /// The class has no valid schema; the message names entity and member.
    /// </exception>
    public static V1CustomResourceDefinition Transpile(
        this MetadataLoadContext context,
        Type type,
        IInheritedAttributeResolver? attributeResolver = null
    )
    {
        var entity = context.View(type);
        if (entity.IsKubernetesModel())
        {
            throw new TranspilationFailedException($"{type.Name} is part of Kubernetes and makes no definition.");
        }

        try
        {
            return Definition(entity, attributeResolver ?? new RuntimeAttributeResolver());
        }
        catch (Exception e) when (e is TranspilationFailedException or ArgumentException)
        {
            throw new TranspilationFailedException($"The entity {type.FullName} cannot be transpiled: {e.Message}", e);
        }
    }

    /// <summary>One definition per resource: classes with the same plural and group are its versions.</summary>
    /// <remarks>
    /// Versions stand newest first. The stored one is the class with <c>[StorageVersion]</c>, else the newest; names
    /// and scope are those of the first class. Classes of the Kubernetes client and ignored ones are left out.
    /// </remarks>
    /// <exception cref="TranspilationFailedException">
    /// A class has no valid schema, or two versions want to be stored.
    /// </exception>
    public static IEnumerable<V1CustomResourceDefinition> Transpile(
        this MetadataLoadContext context,
        IEnumerable<Type> types,
        IInheritedAttributeResolver? attributeResolver = null
    ) =>
        [
            .. types
                .Select(context.View)
                .Where(type =>
                    !type.IsKubernetesModel()
                    && Attributes.Has(type, typeof(KubernetesEntityAttribute))
                    && !Attributes.Has(type, typeof(IgnoreAttribute))
                )
                .Select(type => (Type: type, Definition: context.Transpile(type, attributeResolver)))
                .GroupBy(made => made.Definition.Metadata.Name, StringComparer.Ordinal)
                .Select(group => Merge([.. group])),
        ];

    private static V1CustomResourceDefinition Merge(List<(Type Type, V1CustomResourceDefinition Definition)> made)
    {
        var merged = made[0].Definition;
        var versions = made.Select(m => (m.Type, Version: m.Definition.Spec.Versions[0]))
            .OrderBy(m => m.Version.Name, VersionPriority.NewestFirst)
            .ToList();
        if (versions.Select(v => v.Version.Name).Distinct(StringComparer.Ordinal).Count() != versions.Count)
        {
            throw new TranspilationFailedException($"Two classes make the same version of {merged.Metadata.Name}.");
        }

        var stored = versions.Where(v => Attributes.Has(v.Type, typeof(StorageVersionAttribute))).ToList();
        if (stored.Count > 1)
        {
            throw new TranspilationFailedException(
                $"{merged.Metadata.Name} has more than one storage version: "
                    + $"{string.Join(", ", stored.Select(v => v.Version.Name))}."
            );
        }

        var storage = stored.Count == 1 ? stored[0].Version : versions[0].Version;
        foreach (var (_, version) in versions)
        {
            version.Storage = ReferenceEquals(version, storage);
        }

        merged.Spec.Versions = [.. versions.Select(v => v.Version)];
        return merged;
    }

    private static V1CustomResourceDefinition Definition(Type entity, IInheritedAttributeResolver resolver)
    {
        var (metadata, scope) = Entities.ToEntityMetadata(entity);
        if (string.IsNullOrEmpty(metadata.Group))
        {
            throw new TranspilationFailedException("a custom resource needs a group");
        }

        var schema = SchemaBuilder.Root(entity);
        List<V1CustomResourceColumnDefinition> columns = [.. PrinterColumns.Of(entity, schema, resolver)];
        return new V1CustomResourceDefinition
        {
            ApiVersion = "apiextensions.k8s.io/v1",
            Kind = "CustomResourceDefinition",
            Metadata = new V1ObjectMeta { Name = $"{metadata.PluralName}.{metadata.Group}" },
            Spec = new V1CustomResourceDefinitionSpec
            {
                Group = metadata.Group,
                Scope = scope,
                Names = new V1CustomResourceDefinitionNames
                {
                    Kind = metadata.Kind,
                    ListKind = metadata.ListKind,
                    Singular = metadata.SingularName,
                    Plural = metadata.PluralName,
                    ShortNames = ShortNames(entity),
                },
                Versions =
                [
                    new V1CustomResourceDefinitionVersion
                    {
                        Name = metadata.Version,
                        Served = true,
                        Storage = true,
                        Subresources = Subresources(entity),
                        AdditionalPrinterColumns = columns.Count == 0 ? null : columns,
                        Schema = new V1CustomResourceValidation { OpenAPIV3Schema = schema },
                    },
                ],
            },
        };
    }

    private static List<string>? ShortNames(Type entity) =>
        Attributes.Find(entity, typeof(KubernetesEntityShortNamesAttribute)) is { } attribute
        && attribute.ConstructorArguments[0].Items().OfType<string>().ToList() is { Count: > 0 } names
            ? names
            : null;

    private static V1CustomResourceSubresources? Subresources(Type entity)
    {
        var scale = Attributes.Find(entity, typeof(ScaleSubresourceAttribute));
        var hasStatus = Status.Is(entity);
        return scale is null && !hasStatus
            ? null
            : new V1CustomResourceSubresources
            {
                Status = hasStatus ? new object() : null,
                Scale = scale is null
                    ? null
                    : new V1CustomResourceSubresourceScale
                    {
                        SpecReplicasPath = scale.Argument<string>(0),
                        StatusReplicasPath = scale.Argument<string>(1),
                        LabelSelectorPath = scale.Argument<string>(2),
                    },
            };
    }
}
