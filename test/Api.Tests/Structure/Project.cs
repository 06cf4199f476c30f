using System.Text.RegularExpressions;
using System.Xml.Linq;
using Granary.TestSupport;

namespace Granary.Api.Tests.Structure;

/// <summary>One project of the repository, as far as its files tell without a build.</summary>
/// <param name="Name">The name of its file, without the ending.</param>
/// <param name="Folder">Where it stands, from the repository's root, with slashes.</param>
/// <param name="RootNamespace">The namespace that all of its code is in.</param>
/// <param name="References">Names of the projects that it or a file that it imports refers to.</param>
internal sealed partial record Project(
    string Name,
    string Folder,
    string RootNamespace,
    IReadOnlySet<string> References
)
{
    /// <summary>Every project of the repository.</summary>
    public static IReadOnlyList<Project> All { get; } =
    [.. RepositoryFiles.Of("*.csproj").Select(Read).OrderBy(project => project.Name, StringComparer.Ordinal)];

    /// <summary>Its files of code, but for those of a project in a folder below.</summary>
    public IReadOnlyList<SourceFile> Sources() =>
        [
            .. RepositoryFiles
                .Of("*.cs")
                .Where(file => OwnerOf(file) == this)
                .Select(file => SourceFile.Read(file))
                .OrderBy(file => file.Path, StringComparer.Ordinal),
        ];

    /// <summary>The project that a namespace belongs to; null for what is not ours.</summary>
    public static Project? OfNamespace(string name) =>
        All.Where(project => IsIn(name, project.RootNamespace))
            // The wide search is compiled from the engine's files and in the engine's namespace.
            .Where(project => project.Name != "Wide")
            .MaxBy(project => project.RootNamespace.Length);

    private static bool IsIn(string name, string parent) =>
        name == parent || name.StartsWith(parent + ".", StringComparison.Ordinal);

    private static Project? OwnerOf(string file) =>
        All.Where(project => file.StartsWith(project.Folder + "/", StringComparison.Ordinal))
            .MaxBy(project => project.Folder.Length);

    private static Project Read(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var path = Path.Combine(RepositoryRoot.Path, file);
        var given = XDocument.Load(path).Descendants("RootNamespace").FirstOrDefault()?.Value;
        var usual = name.StartsWith("KubeOps.", StringComparison.Ordinal) && name != "KubeOps.Tests";
        return new Project(
            name,
            Path.GetDirectoryName(file)?.Replace('\\', '/') ?? "",
            given ?? (usual ? name : $"Granary.{name}"),
            ReferencesOf(path).ToHashSet(StringComparer.Ordinal)
        );
    }

    /// <summary>Conditions are left out of account: what is referred to under any of them is referred to.</summary>
    private static IEnumerable<string> ReferencesOf(string path)
    {
        var document = XDocument.Load(path);
        foreach (var reference in document.Descendants("ProjectReference"))
        {
            yield return Path.GetFileNameWithoutExtension(
                (reference.Attribute("Include")?.Value ?? "").Replace('\\', '/')
            );
        }

        foreach (var import in document.Descendants("Import"))
        {
            var place = This().Replace(import.Attribute("Project")?.Value ?? "", "");
            var target = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path) ?? "", place));
            if (!File.Exists(target))
            {
                throw new InvalidOperationException($"{path} imports {place}, which is not there");
            }

            foreach (var reference in ReferencesOf(target))
            {
                yield return reference;
            }
        }
    }

    [GeneratedRegex(@"^\$\(MSBuildThisFileDirectory\)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex This();
}
