using System.Reflection;
using System.Runtime.InteropServices;

namespace Granary.Manifests;

/// <summary>The assemblies that manifests are made from, opened to be looked at and not to be run.</summary>
internal sealed class BuiltAssemblies : IDisposable
{
    public BuiltAssemblies(string apiFile, string operatorFile)
    {
        // The output folders come first, then our own packages and the shared frameworks. One assembly of a name is
        // enough.
        var files = new[]
        {
            Path.GetDirectoryName(apiFile)!,
            Path.GetDirectoryName(operatorFile)!,
            AppContext.BaseDirectory,
        }
            .Concat(Frameworks())
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.dll"))
            .DistinctBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase);
        Context = new MetadataLoadContext(new PathAssemblyResolver(files));
        Api = Context.LoadFromAssemblyPath(apiFile);
        Operator = Context.LoadFromAssemblyPath(operatorFile);
    }

    public MetadataLoadContext Context { get; }

    public Assembly Api { get; }

    public Assembly Operator { get; }

    public void Dispose() => Context.Dispose();

    /// <summary>Folders of the running framework and of ASP.NET Core beside it.</summary>
    private static IEnumerable<string> Frameworks()
    {
        var own = RuntimeEnvironment.GetRuntimeDirectory();
        yield return own;
        yield return Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Mvc.ControllerBase).Assembly.Location)!;
    }
}
