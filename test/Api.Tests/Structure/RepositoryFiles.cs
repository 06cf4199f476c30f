using Granary.TestSupport;

namespace Granary.Api.Tests.Structure;

/// <summary>Files of the repository that a person wrote.</summary>
internal static class RepositoryFiles
{
    private static readonly string[] Rooms = ["Operator", "Shared", "Worker", "test", "tools"];

    /// <summary>Paths from the repository's root, with slashes.</summary>
    /// <param name="pattern">Such as <c>*.cs</c>.</param>
    public static IEnumerable<string> Of(string pattern) =>
        Rooms
            .SelectMany(room =>
                Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, room), pattern, SearchOption.AllDirectories)
            )
            .Select(path => Path.GetRelativePath(RepositoryRoot.Path, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj"));
}
