using System.Collections.Generic;
using System.Linq;
using KubeOps.Generator.Model;
using Microsoft.CodeAnalysis;

namespace KubeOps.Generator.Emit;

/// <summary>Writes the registrations of controllers and finalizers.</summary>
internal static class RegistrationEmitter
{
    private const string Builder = "global::KubeOps.Abstractions.Builder.IOperatorBuilder";
    private const int MaximalIdentifierLength = 63;

    private static readonly DiagnosticDescriptor TwoSelectors = new(
        "KOG001",
        "Two selectors on one controller",
        "Controller '{0}' has a label selector and a field selector; only one can be used",
        "KubeOps.Generator",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true
    );

    private static readonly DiagnosticDescriptor Clash = new(
        "KOG002",
        "Registration classes of one name",
        "'{0}' of assembly '{1}' has the name of a registration class of this assembly and is not called; set "
            + "KubeOpsGeneratorNamespace in one of them",
        "KubeOps.Generator",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true
    );

    public static void Controllers(
        SourceProductionContext context,
        IReadOnlyList<ComponentModel> controllers,
        string? targetNamespace
    )
    {
        if (controllers.Count == 0)
        {
            return;
        }

        foreach (var wrong in controllers.Where(c => c.LabelSelector is not null && c.FieldSelector is not null))
        {
            context.ReportDiagnostic(Diagnostic.Create(TwoSelectors, wrong.Location?.ToLocation(), wrong.Name));
        }

        var text = new SourceText(targetNamespace)
            .Line("/// <summary>Registers the controllers of this assembly.</summary>")
            .Block("public static class ControllerRegistrations", body =>
                body.Line("/// <summary>Registers the controllers of this assembly.</summary>")
                    .Block($"public static {Builder} RegisterControllers(this {Builder} builder)", method =>
                        method.Lines(controllers.Select(Registration)).Line("return builder;")
                    )
            );
        context.AddSource("ControllerRegistrations.g.cs", text.ToString());
    }

    public static void Finalizers(
        SourceProductionContext context,
        IReadOnlyList<ComponentModel> finalizers,
        string? targetNamespace
    )
    {
        if (finalizers.Count == 0)
        {
            return;
        }

        var named = finalizers.Select(f => (Finalizer: f, Constant: ConstantName(finalizers, f))).ToList();
        var text = new SourceText(targetNamespace)
            .Line("/// <summary>Registers the finalizers of this assembly.</summary>")
            .Block("public static class FinalizerRegistrations", body =>
                body.Lines(
                        named.SelectMany(n =>
                            new[]
                            {
                                $"/// <summary>What <c>{n.Finalizer.Name}</c> is called in "
                                    + "<c>metadata.finalizers</c>.</summary>",
                                $"public const string {n.Constant} = {SourceText.Literal(Identifier(n.Finalizer))};",
                            }
                        )
                    )
                    .Line()
                    .Line("/// <summary>Registers the finalizers of this assembly.</summary>")
                    .Block($"public static {Builder} RegisterFinalizers(this {Builder} builder)", method =>
                        method
                            .Lines(
                                named.Select(n =>
                                    $"builder.AddFinalizer<{n.Finalizer.FullName}, "
                                    + $"{n.Finalizer.Entity.FullName}>({n.Constant});"
                                )
                            )
                            .Line("return builder;")
                    )
            );
        context.AddSource("FinalizerRegistrations.g.cs", text.ToString());
    }

    /// <summary>The one method that operators call: own registrations, then those of referenced assemblies.</summary>
    public static void Components(
        SourceProductionContext context,
        ReferencesModel references,
        bool hasControllers,
        bool hasFinalizers,
        string? targetNamespace
    )
    {
        if (!references.HasOperator && !hasControllers && !hasFinalizers)
        {
            return;
        }

        var prefix = string.IsNullOrEmpty(targetNamespace) ? string.Empty : targetNamespace + ".";
        var own = new List<string>();
        if (hasControllers)
        {
            own.Add(prefix + "ControllerRegistrations");
        }

        if (hasFinalizers)
        {
            own.Add(prefix + "FinalizerRegistrations");
        }

        var calls = own.ToDictionary(
            name => name,
            name => Call(name, name.EndsWith("ControllerRegistrations", System.StringComparison.Ordinal))
        );
        foreach (var reference in references.Registrations)
        {
            Add(reference, reference.Controllers, isController: true);
            Add(reference, reference.Finalizers, isController: false);
        }

        var text = new SourceText();
        if (own.Count > 0)
        {
            text.Line(
                    "[assembly: global::KubeOps.Abstractions.Builder.KubeOpsGeneratedRegistrations("
                        + $"{(hasControllers ? SourceText.Literal(own[0]) : "null")}, "
                        + $"{(hasFinalizers ? SourceText.Literal(own[own.Count - 1]) : "null")})]"
                )
                .Line();
        }

        if (!string.IsNullOrEmpty(targetNamespace))
        {
            text.Line($"namespace {targetNamespace};").Line();
        }

        text.Block("internal static class OperatorBuilderExtensions", body =>
            body.Block($"public static {Builder} RegisterComponents(this {Builder} builder)", method =>
                method.Lines(calls.Values).Line("return builder;")
            )
        );
        context.AddSource("OperatorBuilder.g.cs", text.ToString());

        void Add(ReferencedRegistrations reference, string? typeName, bool isController)
        {
            if (typeName is null)
            {
                return;
            }

            if (calls.ContainsKey(typeName))
            {
                context.ReportDiagnostic(Diagnostic.Create(Clash, location: null, typeName, reference.Assembly));
                return;
            }

            calls.Add(typeName, Call(typeName, isController));
        }
    }

    private static string Call(string typeName, bool isController) =>
        $"global::{typeName}.{(isController ? "RegisterControllers" : "RegisterFinalizers")}(builder);";

    private static string Registration(ComponentModel controller)
    {
        var types = $"{controller.FullName}, {controller.Entity.FullName}";
        if (controller.LabelSelector is not null)
        {
            return $"builder.AddControllerWithLabelSelector<{types}, {controller.LabelSelector}>();";
        }

        return controller.FieldSelector is not null
            ? $"builder.AddControllerWithFieldSelector<{types}, {controller.FieldSelector}>();"
            : $"builder.AddController<{types}>();";
    }

    /// <summary>One class may finalize several entities; then the constant says which.</summary>
    private static string ConstantName(IReadOnlyList<ComponentModel> all, ComponentModel finalizer) =>
        all.Count(f => f.Name == finalizer.Name) == 1
            ? finalizer.Name + "Identifier"
            : finalizer.Name + finalizer.Entity.Name + "Identifier";

    /// <summary>The same text as <c>EntityFinalizerExtensions.GetIdentifierName</c> computes at run time.</summary>
    private static string Identifier(ComponentModel finalizer)
    {
#pragma warning disable CA1308 // Finalizer names are lower case by the rules of Kubernetes.
        var name = finalizer.Name.ToLowerInvariant();
#pragma warning restore CA1308
        if (!name.EndsWith("finalizer", System.StringComparison.Ordinal))
        {
            name += "finalizer";
        }

        var identifier = finalizer.Entity.Group.Length == 0 ? name : finalizer.Entity.Group + "/" + name;
        return identifier.Length > MaximalIdentifierLength
            ? identifier.Substring(0, MaximalIdentifierLength)
            : identifier;
    }
}
