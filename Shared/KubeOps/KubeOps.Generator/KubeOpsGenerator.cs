using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using KubeOps.Generator.Emit;
using KubeOps.Generator.Model;
using Microsoft.CodeAnalysis;

namespace KubeOps.Generator;

/// <summary>Writes constructors, definitions and registrations for an operator's classes.</summary>
/// <remarks>
/// Output goes to the global namespace unless the MSBuild property <c>KubeOpsGeneratorNamespace</c> names one. A file
/// appears only when it has content. Entities are classes with an attribute spelled exactly
/// <c>[KubernetesEntity(…)]</c>; records and nested classes are left alone.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class KubeOpsGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var targetNamespace = context.AnalyzerConfigOptionsProvider.Select(
            static (options, _) =>
                options.GlobalOptions.TryGetValue("build_property.KubeOpsGeneratorNamespace", out var value)
                && !string.IsNullOrWhiteSpace(value)
                    ? value
                    : null
        );

        var entities = context
            .SyntaxProvider.CreateSyntaxProvider(
                static (node, _) => SymbolReader.LooksLikeEntity(node),
                static (c, t) => SymbolReader.Entity(c, t)
            )
            .Where(static entity => entity is not null)
            .Collect()
            .Select(static (found, _) => Ordered(found.Select(entity => entity!)));

        var components = context
            .SyntaxProvider.CreateSyntaxProvider(
                static (node, _) => SymbolReader.LooksLikeComponent(node),
                static (c, t) => SymbolReader.Components(c, t)
            )
            .Collect()
            .Select(static (found, _) => Ordered(found));

        var references = context.CompilationProvider.Select(
            static (compilation, token) => SymbolReader.References(compilation, token)
        );

        context.RegisterSourceOutput(entities, static (output, found) => EntityEmitter.Constructors(output, found));
        context.RegisterSourceOutput(entities.Combine(targetNamespace), static (output, input) =>
            EntityEmitter.Definitions(output, input.Left, input.Right)
        );
        context.RegisterSourceOutput(entities.Combine(components).Combine(targetNamespace), static (output, input) =>
            EntityEmitter.Initializers(output, Known(input.Left.Left, input.Left.Right), input.Right)
        );
        context.RegisterSourceOutput(components.Combine(references).Combine(targetNamespace), static (output, input) =>
            Register(output, input.Left.Left, input.Left.Right, input.Right)
        );
    }

    private static void Register(
        SourceProductionContext output,
        EquatableList<ComponentModel> components,
        ReferencesModel references,
        string? targetNamespace
    )
    {
        var controllers = components.Where(c => c.Kind == ComponentKind.Controller).ToList();
        var finalizers = components.Where(c => c.Kind == ComponentKind.Finalizer).ToList();
        RegistrationEmitter.Controllers(output, controllers, targetNamespace);
        RegistrationEmitter.Finalizers(output, finalizers, targetNamespace);
        RegistrationEmitter.Components(
            output,
            references,
            controllers.Count > 0,
            finalizers.Count > 0,
            targetNamespace
        );
    }

    /// <summary>The entities declared here and those that components here use.</summary>
    private static List<EntityModel> Known(EquatableList<EntityModel> own, EquatableList<ComponentModel> components) =>
        [
            .. own,
            .. components
                .Select(c => c.Entity)
                .Where(e => !e.IsDeclaredHere)
                .Distinct()
                .OrderBy(e => e.FullName, StringComparer.Ordinal),
        ];

    /// <summary>A partial class may be met once per part.</summary>
    private static EquatableList<EntityModel> Ordered(IEnumerable<EntityModel> found) =>
        new(
            found
                .Distinct()
                .OrderBy(e => e.Name, StringComparer.Ordinal)
                .ThenBy(e => e.FullName, StringComparer.Ordinal)
        );

    private static EquatableList<ComponentModel> Ordered(ImmutableArray<EquatableList<ComponentModel>> found) =>
        new(
            found
                .SelectMany(list => list)
                .GroupBy(c => (c.Kind, c.FullName, c.Entity.FullName))
                .Select(group => group.First())
                .OrderBy(c => c.Entity.Name, StringComparer.Ordinal)
                .ThenBy(c => c.FullName, StringComparer.Ordinal)
        );
}
