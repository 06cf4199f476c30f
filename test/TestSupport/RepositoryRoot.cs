namespace Granary.TestSupport;

/// <summary>Finds the checkout that the tests were built from, and the programs under its <c>.tools/</c>.</summary>
public static class RepositoryRoot
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>The folder that holds <c>Granary.slnx</c>.</summary>
    public static string Path => Found.Value;

    /// <summary>The folder of programs that <c>make tools</c> installs.</summary>
    public static string Tools => System.IO.Path.Combine(Path, ".tools");

    /// <summary>A program of <c>.tools/bin</c>; fails with the command to run when it is missing.</summary>
    /// <param name="name">For example <c>restic</c> or <c>kubectl</c>.</param>
    public static string Tool(string name)
    {
        string program = System.IO.Path.Combine(Tools, "bin", name);
        return File.Exists(program)
            ? program
            : throw new InvalidOperationException($"{program} is missing: run 'make tools' first.");
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("GRANARY_ROOT") is { Length: > 0 } given)
        {
            return given;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Granary.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Granary.slnx above {AppContext.BaseDirectory}.");
    }
}
