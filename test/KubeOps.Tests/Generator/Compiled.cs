using KubeOps.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace KubeOps.Tests.Generator;

/// <summary>Source text, compiled with the generator in the middle.</summary>
internal sealed class Compiled
{
    private const string Usings = """
        using System; using System.Threading; using System.Threading.Tasks;
        using k8s; using k8s.Models; using KubeOps.Abstractions.Entities; using KubeOps.Abstractions.Reconciliation;
        using KubeOps.Abstractions.Reconciliation.Controller; using KubeOps.Abstractions.Reconciliation.Finalizer;

        """;

    private static readonly MetadataReference[] Platform =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path =>
                Path.GetFileName(path) is var name
                && !name.StartsWith("KubeOps.Tests", StringComparison.Ordinal)
                && !name.StartsWith("Granary.", StringComparison.Ordinal)
            )
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private Compiled(GeneratorDriverRunResult result, Compilation compilation, IEnumerable<Diagnostic> reported)
    {
        Result = result;
        Compilation = compilation;
        Reported = [.. reported];
    }

    public IReadOnlyList<Diagnostic> Reported { get; }

    public IReadOnlyList<string> Files =>
        [.. Result.GeneratedTrees.Select(tree => Path.GetFileName(tree.FilePath)).Order(StringComparer.Ordinal)];

    private GeneratorDriverRunResult Result { get; }

    private Compilation Compilation { get; }

    public static Compiled From(
        string source,
        string? targetNamespace = null,
        string assembly = "Sample",
        params Compiled[] references
    )
    {
        var compilation = CSharpCompilation.Create(
            assembly,
            [CSharpSyntaxTree.ParseText(Usings + source)],
            [.. Platform, .. references.Select(reference => reference.Compilation.ToMetadataReference())],
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable
            )
        );
        var driver = CSharpGeneratorDriver
            .Create([new KubeOpsGenerator().AsSourceGenerator()], optionsProvider: new Options(targetNamespace))
            .RunGeneratorsAndUpdateCompilation(compilation, out var updated, out var reported);
        return new Compiled(driver.GetRunResult(), updated, reported);
    }

    /// <summary>The text of one generated file.</summary>
    public string File(string name) =>
        Assert.Single(Result.GeneratedTrees, tree => Path.GetFileName(tree.FilePath) == name).ToString();

    /// <summary>What the compiler says about source and generated text together.</summary>
    public IReadOnlyList<string> Errors() =>
        [
            .. Compilation
                .GetDiagnostics()
                .Where(d => d.Severity >= DiagnosticSeverity.Warning && d.Id != "CS1701")
                .Select(d => d.ToString()),
        ];

    private sealed class Options(string? targetNamespace) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(targetNamespace);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;
    }

    private sealed class Values(string? targetNamespace) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(
            string key,
            [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value
        )
        {
            value = key == "build_property.KubeOpsGeneratorNamespace" ? targetNamespace : null;
            return value is not null;
        }
    }
}
