using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KubeOps.Generator.Model;

/// <summary>Reads models out of the compiler's symbols.</summary>
internal static class SymbolReader
{
    private const string EntityAttribute = "k8s.Models.KubernetesEntityAttribute";
    private const string ControllerInterface =
        "KubeOps.Abstractions.Reconciliation.Controller.IEntityController<TEntity>";
    private const string FinalizerInterface = "KubeOps.Abstractions.Reconciliation.Finalizer.IEntityFinalizer<TEntity>";
    private const string LabelSelectorAttribute =
        "KubeOps.Abstractions.Reconciliation.Controller.LabelSelectorAttribute";
    private const string FieldSelectorAttribute =
        "KubeOps.Abstractions.Reconciliation.Controller.FieldSelectorAttribute";
    private const string RegistrationsAttribute = "KubeOps.Abstractions.Builder.KubeOpsGeneratedRegistrationsAttribute";

    /// <summary>
    /// Whether the class carries an attribute spelled <c>[KubernetesEntity(…)]</c>; cheap, text only.
    /// </summary>
    public static bool LooksLikeEntity(SyntaxNode node) =>
        node is ClassDeclarationSyntax { Parent: not TypeDeclarationSyntax } type
        && type.AttributeLists.SelectMany(list => list.Attributes).Any(a => a.Name.ToString() == "KubernetesEntity");

    /// <summary>The entity that a class declares, or null.</summary>
    public static EntityModel? Entity(GeneratorSyntaxContext context, CancellationToken cancellationToken) =>
        context.SemanticModel.GetDeclaredSymbol(context.Node, cancellationToken) is INamedTypeSymbol type
            ? Entity(type, isDeclaredHere: true)
            : null;

    /// <summary>Whether the class could implement a component; cheap, text only.</summary>
    public static bool LooksLikeComponent(SyntaxNode node) => node is ClassDeclarationSyntax { BaseList: not null };

    /// <summary>The components that a class implements.</summary>
    public static EquatableList<ComponentModel> Components(
        GeneratorSyntaxContext context,
        CancellationToken cancellationToken
    )
    {
        var found = new List<ComponentModel>();
        if (
            context.SemanticModel.GetDeclaredSymbol(context.Node, cancellationToken) is INamedTypeSymbol type
            && IsUsable(type)
        )
        {
            foreach (var contract in type.AllInterfaces.Where(i => i.TypeArguments.Length == 1))
            {
                if (Component(type, contract) is { } component)
                {
                    found.Add(component);
                }
            }
        }

        return new EquatableList<ComponentModel>(found);
    }

    /// <summary>Registrations that referenced assemblies announce.</summary>
    public static ReferencesModel References(Compilation compilation, CancellationToken cancellationToken)
    {
        var registrations = new List<ReferencedRegistrations>();
        foreach (var assembly in compilation.SourceModule.ReferencedAssemblySymbols)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var attribute = assembly.GetAttributes().FirstOrDefault(a => IsNamed(a, RegistrationsAttribute));
            if (attribute is { ConstructorArguments.Length: 2 })
            {
                registrations.Add(
                    new ReferencedRegistrations(
                        assembly.Name,
                        Accessible(compilation, assembly, attribute.ConstructorArguments[0].Value as string),
                        Accessible(compilation, assembly, attribute.ConstructorArguments[1].Value as string)
                    )
                );
            }
        }

        return new ReferencesModel(
            compilation.ReferencedAssemblyNames.Any(name => name.Name == "KubeOps.Operator"),
            new EquatableList<ReferencedRegistrations>(
                registrations.OrderBy(r => r.Assembly, System.StringComparer.Ordinal)
            )
        );
    }

    private static string? Accessible(Compilation compilation, IAssemblySymbol assembly, string? typeName) =>
        !string.IsNullOrEmpty(typeName)
        && assembly.GetTypeByMetadataName(typeName!) is { } type
        && compilation.IsSymbolAccessibleWithin(type, compilation.Assembly)
            ? typeName
            : null;

    private static bool IsUsable(INamedTypeSymbol type)
    {
        if (type.IsAbstract || type.IsGenericType)
        {
            return false;
        }

        for (var current = type; current is not null; current = current.ContainingType)
        {
            if (
                current.DeclaredAccessibility
                    is Accessibility.Private
                        or Accessibility.Protected
                        or Accessibility.ProtectedAndInternal
                || current.IsFileLocal
            )
            {
                return false;
            }
        }

        return true;
    }

    private static ComponentModel? Component(INamedTypeSymbol type, INamedTypeSymbol contract)
    {
        ComponentKind? kind = contract.OriginalDefinition.ToDisplayString() switch
        {
            ControllerInterface => ComponentKind.Controller,
            FinalizerInterface => ComponentKind.Finalizer,
            _ => null,
        };
        if (
            kind is null
            || contract.TypeArguments[0] is not INamedTypeSymbol entityType
            || Entity(
                entityType,
                SymbolEqualityComparer.Default.Equals(entityType.ContainingAssembly, type.ContainingAssembly)
            )
                is not { } entity
        )
        {
            return null;
        }

        return new ComponentModel(
            kind.Value,
            type.Name,
            FullName(type),
            entity,
            Selector(type, LabelSelectorAttribute),
            Selector(type, FieldSelectorAttribute),
            LocationModel.Of(type.Locations.FirstOrDefault())
        );
    }

    private static string? Selector(INamedTypeSymbol type, string attributeName) =>
        type.GetAttributes().FirstOrDefault(a => IsNamed(a, attributeName))
            is { ConstructorArguments.Length: 1 } attribute
        && attribute.ConstructorArguments[0].Value is INamedTypeSymbol selector
            ? FullName(selector)
            : null;

    private static EntityModel? Entity(INamedTypeSymbol type, bool isDeclaredHere)
    {
        var attribute = type.GetAttributes().FirstOrDefault(a => IsNamed(a, EntityAttribute));
        // Records of the Kubernetes client are fine as controllers' entities; own ones cannot take the constructor.
        if (
            attribute is null
            || (isDeclaredHere && type.IsRecord)
            || type.ContainingType is not null
            || type.IsGenericType
        )
        {
            return null;
        }

        return new EntityModel(
            type.Name,
            type.ContainingNamespace.IsGlobalNamespace ? string.Empty : type.ContainingNamespace.ToDisplayString(),
            FullName(type),
            Argument(attribute, "Group") ?? string.Empty,
            Argument(attribute, "ApiVersion") ?? "v1",
            Argument(attribute, "Kind") ?? type.Name,
            Argument(attribute, "PluralName"),
            isDeclaredHere && TakesConstructor(type),
            isDeclaredHere
        );
    }

    /// <summary>A partial class without own parameterless or primary constructor can be given one.</summary>
    private static bool TakesConstructor(INamedTypeSymbol type)
    {
        var declarations = type
            .DeclaringSyntaxReferences.Select(r => r.GetSyntax())
            .OfType<ClassDeclarationSyntax>()
            .ToList();
        return declarations.Count > 0
            && declarations.All(d => d.ParameterList is null && d.Modifiers.Any(m => m.ValueText == "partial"))
            && !type.InstanceConstructors.Any(c => !c.IsImplicitlyDeclared && c.Parameters.Length == 0);
    }

    private static string? Argument(AttributeData attribute, string name)
    {
        var value = attribute.NamedArguments.FirstOrDefault(a => a.Key == name).Value;
        return value.IsNull || value.Value is not string text || string.IsNullOrWhiteSpace(text) ? null : text;
    }

    private static bool IsNamed(AttributeData attribute, string fullName) =>
        attribute.AttributeClass?.ToDisplayString() == fullName;

    private static string FullName(INamedTypeSymbol type) =>
        type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
}
