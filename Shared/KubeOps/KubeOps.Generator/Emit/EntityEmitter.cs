using System.Collections.Generic;
using System.Linq;
using KubeOps.Generator.Model;
using Microsoft.CodeAnalysis;

namespace KubeOps.Generator.Emit;

/// <summary>Writes what belongs to entities: constructors, initializers, definitions.</summary>
internal static class EntityEmitter
{
    /// <summary>One file per class that takes a constructor.</summary>
    public static void Constructors(SourceProductionContext context, IReadOnlyList<EntityModel> entities)
    {
        var taken = new HashSet<string>(System.StringComparer.OrdinalIgnoreCase);
        foreach (var entity in entities.Where(e => e.TakesConstructor))
        {
            // Two classes of one name live in different namespaces; the second file says which.
            var file = taken.Add(entity.Name) ? entity.Name : $"{entity.Namespace}.{entity.Name}";
            var text = new SourceText(entity.Namespace).Block($"partial class {entity.Name}", body =>
                body.Line("/// <summary>Makes an object that knows its <c>apiVersion</c> and <c>kind</c>.</summary>")
                    .Block($"public {entity.Name}()", constructor => Assignments(constructor, "this", entity))
            );
            context.AddSource($"{file}.init.g.cs", text.ToString());
        }
    }

    /// <summary>Initializers for entities that cannot be given a constructor.</summary>
    public static void Initializers(
        SourceProductionContext context,
        IReadOnlyList<EntityModel> entities,
        string? targetNamespace
    )
    {
        var others = entities.Where(e => !e.TakesConstructor).ToList();
        if (others.Count == 0)
        {
            return;
        }

        var text = new SourceText(targetNamespace).Block("internal static class EntityInitializer", body =>
        {
            foreach (var entity in others)
            {
                body.Block($"public static {entity.FullName} Initialize(this {entity.FullName} entity)", method =>
                    Assignments(method, "entity", entity).Line("return entity;")
                );
            }
        });
        context.AddSource("EntityInitializer.g.cs", text.ToString());
    }

    /// <summary>The identity of each entity that is declared here.</summary>
    public static void Definitions(
        SourceProductionContext context,
        IReadOnlyList<EntityModel> entities,
        string? targetNamespace
    )
    {
        var own = entities.Where(e => e.IsDeclaredHere).ToList();
        if (own.Count == 0)
        {
            return;
        }

        var taken = new HashSet<string>();
        var text = new SourceText(targetNamespace)
            .Line("/// <summary>The identity of each entity that this assembly declares.</summary>")
            .Block("public static class EntityDefinitions", body =>
            {
                foreach (var entity in own)
                {
                    var name = taken.Add(entity.Name)
                        ? entity.Name
                        : entity.Namespace.Replace('.', '_') + "_" + entity.Name;
                    body.Line($"/// <summary>{entity.Kind} in {entity.ApiVersion}.</summary>")
                        .Line(
                            "public static readonly global::KubeOps.Abstractions.Entities.EntityMetadata "
                                + $"{name} = new({SourceText.Literal(entity.Kind)}, "
                                + $"{SourceText.Literal(entity.Version)}, "
                                + $"{SourceText.Literal(entity.Group)}, {SourceText.Literal(entity.Plural)});"
                        );
                }
            });
        context.AddSource("EntityDefinitions.g.cs", text.ToString());
    }

    private static SourceText Assignments(SourceText text, string receiver, EntityModel entity) =>
        text.Line($"{receiver}.ApiVersion = {SourceText.Literal(entity.ApiVersion)};")
            .Line($"{receiver}.Kind = {SourceText.Literal(entity.Kind)};");
}
