namespace Granary.Api.Tests.Structure;

/// <summary>A file that uses another namespace of its project.</summary>
/// <param name="File">The file, which is in a namespace.</param>
/// <param name="Namespace">The other one.</param>
internal sealed record NamespaceUse(SourceFile File, string Namespace)
{
    /// <summary>Every use within a project, whether a using directive shows it or not.</summary>
    public static IEnumerable<NamespaceUse> In(Project project) => Among(project.Sources());

    /// <summary>The same among some files.</summary>
    public static IEnumerable<NamespaceUse> Among(IEnumerable<SourceFile> files)
    {
        var sources = files.Where(file => file.Namespace is not null).ToList();
        var types = sources
            .GroupBy(file => file.Namespace ?? "", file => file.Types)
            .ToDictionary(
                of => of.Key,
                of => of.SelectMany(names => names).ToHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal
            );
        return sources.SelectMany(file =>
            file.Usings.Select(used => types.ContainsKey(used) ? used : Outer(used)) // Of a type: its namespace.
                .Where(types.ContainsKey)
                .Concat(AroundOf(file, types))
                .Where(used => used != file.Namespace)
                .Distinct(StringComparer.Ordinal)
                .Select(used => new NamespaceUse(file, used))
        );
    }

    /// <summary>The namespaces around a file's own whose types it mentions: these need no using directive.</summary>
    private static IEnumerable<string> AroundOf(SourceFile file, Dictionary<string, HashSet<string>> types)
    {
        var around = new List<string>();
        for (var name = file.Namespace ?? ""; name.Length > 0; name = Outer(name))
        {
            around.Add(name);
        }

        // The innermost namespace that has a type of the name is meant.
        return file
            .Names.Select(mention => around.Find(name => types.TryGetValue(name, out var of) && of.Contains(mention)))
            .OfType<string>();
    }

    private static string Outer(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];
}
