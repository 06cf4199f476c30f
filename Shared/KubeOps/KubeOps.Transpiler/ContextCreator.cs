using System.Reflection;
using System.Runtime.InteropServices;

namespace KubeOps.Transpiler;

/// <summary>Makes contexts in which entity classes are looked at without running their code.</summary>
public static class ContextCreator
{
    /// <summary>
    /// A context over assembly files; what they need is searched beside them, in the framework, and in this program.
    /// </summary>
    /// <remarks>
    /// A file given explicitly wins over one of the same name elsewhere, and the framework loses to both.
    /// </remarks>
    public static MetadataLoadContext Create(IEnumerable<string> assemblyPaths)
    {
        var given = assemblyPaths.Select(Path.GetFullPath).ToList();
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (
            var file in given
                .Concat(given.Select(Path.GetDirectoryName).Distinct().SelectMany(Assemblies))
                .Concat(
                    AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is string trusted
                        ? trusted.Split(Path.PathSeparator)
                        : []
                )
                .Concat(Assemblies(AppContext.BaseDirectory))
                .Concat(Assemblies(RuntimeEnvironment.GetRuntimeDirectory()))
        )
        {
            found.TryAdd(Path.GetFileNameWithoutExtension(file), file);
        }

        return new MetadataLoadContext(new PathAssemblyResolver(found.Values), typeof(object).Assembly.GetName().Name);
    }

    /// <summary>A context over assemblies that this program has loaded from files.</summary>
    public static MetadataLoadContext Create(IEnumerable<Assembly> assemblies) =>
        Create(assemblies.Distinct().Select(assembly => assembly.Location).Where(location => location.Length > 0));

    private static IEnumerable<string> Assemblies(string? folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.dll") : [];
}
